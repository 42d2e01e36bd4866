#include "system/dns/survey_gate.hpp"

#include <arpa/nameser.h>

namespace danectl {
namespace {

constexpr std::size_t known_domains = std::size_t{1} << 16U;
// The DS and the DNSKEY RRset.
constexpr unsigned to_validate = 2;

}  // namespace

SurveyGate::SurveyGate(std::optional<unsigned> rate) : known_(known_domains) {
  if (rate) pace_.emplace(*rate);
}

std::optional<UnboundBatch::TimePoint> SurveyGate::pass(const DnsName& name, int type, UnboundBatch::TimePoint now) {
  if (pace_) {
    if (!cost_) cost_ = cost_of(name, type);
    if (const auto later = pace_->take(*cost_, now)) return later;
    cost_.reset();
  }
  ++passed_;
  return std::nullopt;
}

// The first question below a domain brings those that its validation needs.
unsigned SurveyGate::cost_of(const DnsName& name, int type) {
  if (type == ns_t_mx) return known_.is_new(name.text()) ? 1 + to_validate : 1;
  if (type != ns_t_a && type != ns_t_aaaa) return 1;
  // A host's own name may be a zone: that of a domain without MX records.
  const bool is_new = known_.is_new(name.text()) && known_.is_new(name.parent().text());
  return is_new ? 1 + to_validate : 1;
}

}  // namespace danectl
