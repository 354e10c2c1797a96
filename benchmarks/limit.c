/* Phase 5 of a step, sourcing, in plain C over the very tables of the engine: the speed that compiled code can have.

   It follows model/phases/source.py sentence by sentence, but knows no rules of a user's own. */

#include "limit.h"

typedef struct {
    double other_cost, other_quality, weight, passthrough, frontier_weight, ceiling;
} Need;

typedef struct {
    double quality, paid, taste, peers, noise;
    bool leaves;
} Option;

static bool is_due(const State *s, int64_t e, int64_t i)
{
    const Edge *edge = &s->edges[e];
    int64_t j = link_of(s, e, i)->supplier;
    if (!delivers(s, edge->input, j)) return true;
    if (!s->market->decisions_switch) return false;
    double review = s->layers[edge->consumer].review;
    if (are_allied(s, i, j)) review *= 1.0 - s->market->exclusivity;
    return uniform(s, &s->firms[i], REVIEW, e) < review;
}

static Need need_of(const State *s, int64_t e, int64_t i)
{
    const Edge *edge = &s->edges[e];
    int64_t k = edge->consumer;
    const Unit *unit = unit_of(s, k, i);
    double cost = unit->stage_cost, quality = unit->capability;
    for (int64_t other = s->layers[k].first_edge; other < s->layers[k + 1].first_edge; other++) {
        const Edge *part = &s->edges[other];
        const Link *link = link_of(s, other, i);
        if (other == e || !delivers(s, part->input, link->supplier)) continue;
        double weight = part->input == edge->input ? part->weight : link->drawn;
        cost += weight * price_for(s, other, i, link->supplier);
        double share = part->passthrough * (weight / part->weight);
        quality += share * unit_of(s, part->input, link->supplier)->quality;
    }
    return (Need){cost, quality, edge->weight, edge->passthrough, unit->frontier_weight, client_ceiling(s, k, i)};
}

static double noise_uniform(const State *s, int64_t e, int64_t i, int64_t j)
{
    return uniform(s, &s->firms[i], NOISE, e + s->edges_count * s->firms[j].slot);
}

static bool is_better(const State *s, int64_t e, int64_t i, int64_t n, int64_t other)
{
    if (other < 0) return true;
    const Candidate *one = &s->candidates[n], *two = &s->candidates[other];
    if (one->appeal != two->appeal) return one->appeal > two->appeal;
    return noise_uniform(s, e, i, one->row) > noise_uniform(s, e, i, two->row);
}

static double taste_for(const State *s, int64_t e, int64_t i, int64_t j)
{
    double tau = s->layers[s->edges[e].input].taste;
    if (tau <= 0.0) return 0.0;
    return tau * gumbel_of(pair_uniform(s->market->seed, e, &s->firms[i], &s->firms[j]));
}

static double leaving_cost(const State *s, int64_t e, int64_t i)
{
    const Layer *layer = &s->layers[s->edges[e].input];
    return layer->switching_cost * (1.0 - exp(-(double)link_of(s, e, i)->tenure / layer->tenure_scale));
}

static double appeal(const State *s, const Need *need, const Option *option, double network_effect, double leaving)
{
    double quality = need->other_quality + need->passthrough * option->quality;
    double cost = larger(need->other_cost + need->weight * option->paid, LEAST_COST);
    double valued = need->frontier_weight * quality + (1.0 - need->frontier_weight) * smaller(quality, need->ceiling);
    return s->market->quality_weight * valued + -s->market->price_weight * log(cost) + option->taste
        + network_effect * option->peers + (option->leaves ? -leaving : 0.0) + option->noise;
}

static double appeal_of(const State *s, int64_t e, int64_t i, int64_t j, int64_t present, const Need *need,
                        double share, double leaving)
{
    const Edge *edge = &s->edges[e];
    int64_t m = edge->input;
    const Layer *layer = &s->layers[m];
    const Unit *unit = unit_of(s, m, j);
    double paid, noise = 0.0;
    if (j == i) {
        double volume = larger(unit->volume, edge->weight * unit_of(s, edge->consumer, i)->volume);
        double fixed = escalated(layer->fixed_cost, layer->escalation, unit->capability);
        paid = unit->unit_cost + fixed / larger(volume, LEAST_COST);
    } else {
        paid = price_for(s, e, i, j);
    }
    if (s->market->choice_noise > 0.0) noise = s->market->choice_noise * gumbel_of(noise_uniform(s, e, i, j));
    bool leaves = present >= 0 && j != present && j != i;
    Option option = {unit->quality, paid, taste_for(s, e, i, j), share, noise, leaves};
    return appeal(s, need, &option, layer->network_effect, leaving);
}

static double appeal_of_making(const State *s, int64_t e, int64_t i, int64_t present, const Need *need, double leaving)
{
    const Edge *edge = &s->edges[e];
    const Market *market = s->market;
    int64_t m = edge->input;
    double volume = edge->weight * unit_of(s, edge->consumer, i)->volume;
    if (!market->decisions_build || present < 0 || present == i || operates(s, m, i) || volume <= 0.0) return NOTHING;
    if (!may_hold(s, m, i)) return NOTHING;
    const Layer *layer = &s->layers[m];
    const Unit *theirs = unit_of(s, m, present);
    double capability = larger(0.0, theirs->capability - market->inheritance_gap);
    double build = escalated(layer->build_cost, layer->escalation, capability);
    if (s->firms[i].cash < build) return NOTHING;
    double experience = layer->imitation * theirs->experience;
    double stage = layer->base_cost * pow(1.0 + experience / market->experience_scale, -layer->learning);
    double fixed = escalated(layer->fixed_cost, layer->escalation, capability);
    double standing = (fixed + build / market->planning_horizon) / volume;
    double paid = stage + layer->input_share * theirs->price + standing;
    Option option = {theirs->quality - (theirs->capability - capability), paid, taste_for(s, e, i, i), 0.0, 0.0, true};
    return appeal(s, need, &option, 0.0, leaving);
}

static void see_outside_price(const State *s, int64_t e, int64_t i, int64_t count)
{
    double lowest = INFINITY;
    for (int64_t n = 0; n < count; n++)
        if (s->candidates[n].row != i) lowest = smaller(lowest, price_for(s, e, i, s->candidates[n].row));
    if (lowest < INFINITY) link_of(s, e, i)->outside_price = lowest;
}

static double profit_at(const State *s, double volume, const Unit *unit, double distance, double share, double change)
{
    bool wins = distance > s->market->price_weight * change * share;
    return wins ? volume * (unit->price * (1.0 + change) - unit->unit_cost) : 0.0;
}

static void report(const State *s, int64_t e, int64_t i, int64_t j, const Need *need, double distance)
{
    const Edge *edge = &s->edges[e];
    Unit *unit = unit_of(s, edge->input, j);
    double volume = edge->weight * unit_of(s, edge->consumer, i)->volume, bill = edge->weight * unit->price;
    if (volume <= 0.0) return;
    double share = bill > 0.0 ? bill / (need->other_cost + bill) : 0.0, probe = s->market->price_probe;
    unit->profit_up += profit_at(s, volume, unit, distance, share, probe);
    unit->profit_down += profit_at(s, volume, unit, distance, share, -probe);
    if (distance > 0.0) unit->revenue_won += volume * unit->price;
}

static void review(const State *s, int64_t e, int64_t i)
{
    Link *link = link_of(s, e, i);
    Candidate *candidates = s->candidates;
    int64_t m = s->edges[e].input, present = delivers(s, m, link->supplier) ? link->supplier : -1;
    Need need = need_of(s, e, i);
    int64_t count = gather_candidates(s, e, i, present);
    int64_t peers = s->layers[m].network_effect > 0.0 ? count_users(s, e, i, count) : 0;
    double leaving = leaving_cost(s, e, i);

    int64_t best = -1, runner = -1, outsider = -1, second_outsider = -1;
    for (int64_t n = 0; n < count; n++) {
        int64_t j = candidates[n].row;
        double share = peers > 0 ? (double)candidates[n].users / (double)peers : 0.0;
        candidates[n].appeal = appeal_of(s, e, i, j, present, &need, share, leaving);
        if (is_better(s, e, i, n, best)) {
            runner = best;
            best = n;
        } else if (is_better(s, e, i, n, runner)) {
            runner = n;
        }
        if (j == i) continue;
        if (is_better(s, e, i, n, outsider)) {
            second_outsider = outsider;
            outsider = n;
        } else if (is_better(s, e, i, n, second_outsider)) {
            second_outsider = n;
        }
    }

    double top = best >= 0 ? candidates[best].appeal : NOTHING;
    double second = runner >= 0 ? candidates[runner].appeal : NOTHING;
    double made = appeal_of_making(s, e, i, present, &need, leaving);
    if (operates(s, m, i)) see_outside_price(s, e, i, count);
    int64_t heard[] = {outsider, second_outsider};
    for (int place = 0; place < 2; place++) {
        int64_t n = heard[place];
        if (n < 0) continue;
        double rival = larger(n == best ? second : top, made);
        report(s, e, i, candidates[n].row, &need, candidates[n].appeal - rival);
    }

    int64_t chosen = best >= 0 ? candidates[best].row : -1;
    double gain = made > NOTHING ? made - top : NOTHING;
    link->unmet = best < 0;
    link->makes = gain > 0.0;
    if (link->makes) s->firms[i].wishes = true;
    link->moves = !link->makes && (best < 0 || chosen != present);
    link->chosen = chosen;
    link->expected = gain;
    if (present >= 0) {
        double advantage = top - candidates[0].appeal;
        double itch = 0.8 * link->itch + 0.2 * larger(advantage, 0.0);
        link->itch = link->moves ? 0.5 * itch : itch;
        link->expected = link->makes ? gain : advantage;
    }
}

void source(const State *s)
{
    for (int64_t k = 0; k < s->layers_count; k++)
        for (int64_t n = 0; n < s->layers[k].listed; n++) {
            int64_t i = s->roster[k * s->firms_count + n];
            if (!operates(s, k, i)) continue;
            Unit *unit = unit_of(s, k, i);
            unit->profit_up = unit->profit_down = unit->revenue_won = 0.0;
        }
    for (int64_t e = 0; e < s->edges_count; e++) {
        int64_t k = s->edges[e].consumer;
        for (int64_t n = 0; n < s->layers[k].listed; n++) {
            int64_t i = s->roster[k * s->firms_count + n];
            if (!operates(s, k, i)) continue;
            Link *link = link_of(s, e, i);
            link->tenure += 1;
            link->moves = link->makes = false;
            if (is_due(s, e, i)) review(s, e, i);
        }
    }
}

/* What a call costs. */
void nothing(const State *s) { (void)s; }
