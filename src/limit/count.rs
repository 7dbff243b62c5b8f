//! The metrics of windows, registered once.

use metrics::Counter;

use super::key::Policy;

pub struct Counts {
    pub charged_points: Counter,
    pub refunded_points: Counter,
    pub fallbacks: Counter,
    refusals: [Counter; Policy::ALL.len()],
}

impl Counts {
    pub fn refused(&self, policy: Policy) {
        self.refusals[policy as usize].increment(1);
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            charged_points: metrics::counter!("storefront_limit_charged_points_total"),
            refunded_points: metrics::counter!("storefront_limit_refunded_points_total"),
            fallbacks: metrics::counter!("storefront_limit_fallbacks_total"),
            refusals: Policy::ALL
                .map(|policy| metrics::counter!("storefront_limit_refusals_total", "window" => policy.word())),
        }
    }
}
