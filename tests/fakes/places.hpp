// A name where an RRset stands, as a look shows it, with the lineages that are on it.
#pragma once

#include "core/rollover/retiring.hpp"
#include "fakes/looks.hpp"

#include <utility>
#include <vector>

namespace danectl {

inline Place place_at(const SeenAt& look, std::vector<LineageOn> lineages) {
  Place place;
  place.name = look.canonical();
  place.ledger = after_look(Ledger{.name = place.name}, look);
  place.lineages = std::move(lineages);
  return place;
}

inline PlaceFact place_fact_at(const SeenAt& look, std::vector<LineageOn> lineages) {
  PlaceFact fact;
  fact.owners = {look.owner};
  fact.place = place_at(look, std::move(lineages));
  fact.ttl = Seconds{60};
  fact.plan = next_change(fact.place, {});
  fact.foreign = foreign_at(fact.place);
  fact.retiring = retiring_at(fact.place, fact.plan, {});
  return fact;
}

}  // namespace danectl
