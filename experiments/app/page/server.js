// Requests to the server. Whatever goes wrong becomes an Error whose message can be shown.

import { unpacked } from "./film.js";

async function answer(path, body, signal) {
  let response;
  try {
    const method = body === undefined ? "GET" : "POST";
    const headers = { "Content-Type": "application/json" };
    response = await fetch(`explore/${path}`, { method, body, signal, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer: is `stackrace app` still running?");
  }
  if (response.ok) return response;
  const text = await response.text();
  let told;
  try {
    told = JSON.parse(text).error;
  } catch {
    told = `the server failed (${response.status})`;
  }
  throw new Error(brief(told));
}

// The page itself has all parameters.
const brief = (told) => told.replace(/choose from those that `stackrace params` lists/, "see Parameters for all that there are");

const json = async (path, body, signal) => (await answer(path, body, signal)).json();

export const catalogue = () => json("catalogue");
export const stackOf = (asked, signal) => json("stack", JSON.stringify(asked), signal);
export const shelved = (place, number) => json(`shelf/${place}/${number}`);
export const uploaded = (file) => json("upload", file);
export const commandOf = (asked) => json("command", JSON.stringify(asked));
export const considered = (asked, firm, step) => json("firm", JSON.stringify({ asked, firm, step }));
export const historyOf = (asked, firm) => json("history", JSON.stringify({ asked, firm }));

export async function filmOf(asked, signal) {
  return unpacked(await (await answer("run", JSON.stringify(asked), signal)).arrayBuffer());
}

export async function archiveOf(asked, table) {
  return (await answer("take", JSON.stringify({ asked, table }))).blob();
}
