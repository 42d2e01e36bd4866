// What stands against a step, as a person reads it: one sentence for each objection, made here and nowhere else.
#pragma once

#include "core/rollover/question.hpp"

#include <string>

namespace danectl {

// "ns1.example.com (192.0.2.1) gives 3 1 1 0123...cdef at _25._tcp.mx.example.com, which the next key's chain does not
// match"
std::string objection_text(const Objection& objection);
// One sentence a line, each once: a newline and two spaces before each.
std::string objection_lines(const Objections& objections);

// Of an objection about an owner that senders ask first, since a base domain is an alias: why that counts, and how the
// lineage gets there. REQUIRES: objection.alias.
std::string alias_text(const Objection& objection);
std::string how_to_follow_alias(const Objection& objection, const std::string& lineage);
// The same, by these names.
std::string how_to_move(const DnsName& expanded, const DnsName& owner, const std::string& lineage);

// "3 1 1 01234567...89abcdef": enough to tell records apart in a line for a person.
std::string shortened(const Association& association);

}  // namespace danectl
