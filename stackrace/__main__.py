"""The command line: `stackrace` and `python -m stackrace`."""


def main() -> int | None:
    """Run the command line, imported only here so that a plain import stays quick."""
    try:
        from stackrace.experiments.command.main import main as run
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    raise SystemExit(main())
