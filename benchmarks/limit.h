/* What sourcing looks up, in plain C: chance, who delivers and at which price, and whom a unit can see.

   tables.h is written by limit.py from the engine's columns: a structure per table, and State, which points to them. */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "tables.h"

#define NOTHING (-1e300)
#define LEAST_COST 1e-12

enum { TASTE, NOISE, REVIEW, MEETING, WHICH };

#define FIRST 0xBF58476D1CE4E5B9u
#define SECOND 0x94D049BB133111EBu
#define GOLDEN 0x9E3779B97F4A7C15u
#define SLOT 0xD6E8FEB86659FD93u
#define BIRTH 0xA0761D6478BD642Fu
#define PURPOSE 0xE7037ED1A0B428DBu
#define INDEX 0x8EBC6AF09C88C6E3u

static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static Unit *unit_of(const State *s, int64_t k, int64_t i) { return &s->units[k * s->firms_count + i]; }
static Link *link_of(const State *s, int64_t e, int64_t i) { return &s->links[e * s->firms_count + i]; }
static bool operates(const State *s, int64_t k, int64_t i) { return s->operates[k * s->firms_count + i]; }

/* Chance */

static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ (bits >> 30)) * FIRST;
    bits = (bits ^ (bits >> 27)) * SECOND;
    return bits ^ (bits >> 31);
}

static uint64_t key(int64_t seed, int64_t step, int64_t slot, int64_t birth, int64_t purpose, int64_t index)
{
    uint64_t moment = mix((uint64_t)seed * GOLDEN + (uint64_t)(step + 1) * FIRST);
    uint64_t who = mix(moment ^ ((uint64_t)(slot + 1) * SLOT + (uint64_t)birth * BIRTH));
    return mix(who ^ ((uint64_t)(purpose + 1) * PURPOSE + (uint64_t)index * INDEX));
}

static double unit_interval(uint64_t word) { return ((double)(word >> 12) + 0.5) * 0x1p-52; }

static double uniform(const State *s, const Firm *firm, int64_t purpose, int64_t index)
{
    return unit_interval(key(s->market->seed, s->market->step, firm->slot, firm->birth, purpose, index));
}

static double pair_uniform(int64_t seed, int64_t edge, const Firm *buyer, const Firm *seller)
{
    uint64_t word = key(seed, 0, buyer->slot, buyer->birth, TASTE, edge);
    return unit_interval(mix(word ^ ((uint64_t)(seller->slot + 1) * SLOT + (uint64_t)seller->birth * BIRTH)));
}

static double gumbel_of(double u) { return -log(-log(u)); }

/* Sight */

static bool are_allied(const State *s, int64_t i, int64_t j)
{
    for (int64_t place = 0; place < s->places; place++)
        if (s->ties[i * s->places + place].ally == j) return true;
    return false;
}

static bool delivers(const State *s, int64_t m, int64_t j)
{
    return j >= 0 && operates(s, m, j) && unit_of(s, m, j)->able;
}

static bool may_hold(const State *s, int64_t k, int64_t i)
{
    int64_t barred = s->layers[k].barred_with;
    if (barred != 0)
        for (int64_t m = 0; m < s->layers_count; m++)
            if ((barred >> m) & 1 && (operates(s, m, i) || unit_of(s, m, i)->built)) return false;
    return true;
}

static bool bundles(const State *s, int64_t e, int64_t i, int64_t j)
{
    int64_t k = s->edges[e].consumer;
    for (int64_t other = s->layers[k].first_edge; other < s->layers[k + 1].first_edge; other++) {
        int64_t m = s->edges[other].input;
        if (m != s->edges[e].input && link_of(s, other, i)->supplier == j && delivers(s, m, j)) return true;
    }
    return false;
}

static double price_for(const State *s, int64_t e, int64_t i, int64_t j)
{
    const Edge *edge = &s->edges[e];
    const Market *market = s->market;
    const Unit *unit = unit_of(s, edge->input, j);
    if (i == j) return unit->unit_cost;
    bool competes = operates(s, edge->consumer, j) && !s->layers[s->firms[i].home].is_demand;
    double above_cost = unit->price * (1.0 + (competes ? market->foreclosure : 0.0)) - unit->unit_cost;
    double alliance = are_allied(s, i, j) ? market->alliance_discount : 0.0;
    double bundle = market->bundle_discount > 0.0 && bundles(s, e, i, j) ? market->bundle_discount : 0.0;
    return unit->unit_cost + above_cost * (1.0 - alliance) * (1.0 - bundle);
}

static double escalated(double amount, double escalation, double capability)
{
    return amount * exp(escalation * capability);
}

static double client_ceiling(const State *s, int64_t k, int64_t i)
{
    double ceiling = unit_of(s, k, i)->ceiling;
    if (ceiling == ceiling) return ceiling;
    return s->layers[k].quality_ceiling + s->layers[k].ceiling_drift * (double)s->market->step;
}

/* Candidates */

static int64_t add_candidate(Candidate *candidates, int64_t j, int64_t count)
{
    for (int64_t n = 0; n < count; n++)
        if (candidates[n].row == j) return count;
    candidates[count].row = j;
    candidates[count].users = 0;
    return count + 1;
}

static int64_t random_meeting(const State *s, int64_t e, int64_t i, bool has_supplier)
{
    const Firm *firm = &s->firms[i];
    int64_t m = s->edges[e].input;
    if (has_supplier && uniform(s, firm, MEETING, e) >= s->market->exploration) return -1;
    int64_t first = s->layers[m].first_slot, last = s->layers[m + 1].first_slot;
    return s->firms[first + (int64_t)(uniform(s, firm, WHICH, e) * (double)(last - first))].row_of_slot;
}

static int64_t gather_candidates(const State *s, int64_t e, int64_t i, int64_t present)
{
    int64_t k = s->edges[e].consumer, m = s->edges[e].input, count = 0;
    if (present >= 0) count = add_candidate(s->candidates, present, 0);
    if (delivers(s, m, i)) count = add_candidate(s->candidates, i, count);
    for (int64_t n = s->firms[i].first_contact; n < s->firms[i].last_contact; n++) {
        int64_t j = s->contacts[n];
        if (operates(s, m, j)) {
            if (unit_of(s, m, j)->able) count = add_candidate(s->candidates, j, count);
        } else if (operates(s, k, j)) {
            int64_t used = link_of(s, e, j)->supplier;
            if (delivers(s, m, used)) count = add_candidate(s->candidates, used, count);
        }
    }
    for (int64_t place = 0; place < s->places; place++) {
        int64_t j = s->ties[i * s->places + place].ally;
        if (delivers(s, m, j)) count = add_candidate(s->candidates, j, count);
    }
    int64_t met = random_meeting(s, e, i, present >= 0);
    if (delivers(s, m, met)) count = add_candidate(s->candidates, met, count);
    return count;
}

static int64_t count_users(const State *s, int64_t e, int64_t i, int64_t count)
{
    int64_t k = s->edges[e].consumer, m = s->edges[e].input, peers = 0;
    for (int64_t c = s->firms[i].first_contact; c < s->firms[i].last_contact; c++) {
        int64_t j = s->contacts[c];
        if (!operates(s, k, j)) continue;
        int64_t used = link_of(s, e, j)->supplier;
        if (!delivers(s, m, used)) continue;
        peers++;
        for (int64_t n = 0; n < count; n++) s->candidates[n].users += s->candidates[n].row == used;
    }
    return peers;
}
