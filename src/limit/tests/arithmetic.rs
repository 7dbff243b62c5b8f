//! The arithmetic of a window: never over the limit, nobody refused for nothing, and true to the second.

use std::time::Duration;

use proptest::prelude::*;

use super::model::{Entry, Model, START_MS, Step, rules, steps};
use crate::limit::window::{Rule, SUB_WINDOWS, Verdict, Window};

/// Charges if that may be.
fn charge(window: &mut Window, clock_ms: u64, rule: Rule, amount: u64) -> Verdict {
    let reading = window.read(clock_ms, rule, amount);
    if reading.verdict == Verdict::Passes {
        window.put(rule, amount);
    }
    reading.verdict
}

/// The most that was charged, and not given back, in any interval of a length.
fn most_in(entries: &[Entry], length_ms: u64) -> u64 {
    let within = |first: &Entry| {
        let last = first.at_ms + length_ms;
        entries.iter().filter(|entry| (first.at_ms..=last).contains(&entry.at_ms)).map(|entry| entry.amount).sum()
    };
    entries.iter().map(within).max().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_window_agrees_with_a_list_of_all_charges_and_no_interval_holds_more_than_the_limit(
        rule in rules(),
        steps in steps(),
    ) {
        let (mut clock_ms, mut time_ms) = (START_MS, START_MS);
        let (mut window, mut model) = (Window::begin(clock_ms), Model::begin(clock_ms));
        // By a time that the clock's going back does not touch.
        let mut charged: Vec<Entry> = Vec::new();
        let mut buckets = Vec::new();

        for step in steps {
            match step {
                Step::Wait(ms) | Step::Forward(ms) => {
                    clock_ms += ms;
                    time_ms += ms;
                }
                Step::Back(ms) => clock_ms -= ms,
                Step::Charge(amount) => {
                    let reading = window.read(clock_ms, rule, amount);
                    prop_assert_eq!(reading, model.charge(clock_ms, rule, amount));
                    if reading.verdict == Verdict::Passes {
                        window.put(rule, amount);
                        charged.push(Entry { at_ms: time_ms, amount });
                        buckets.push(rule.bucket_at(reading.now_ms));
                    }
                }
                Step::Refund(back, amount) if back < buckets.len() => {
                    let index = buckets.len() - 1 - back;
                    // Nobody gives back more than one charge.
                    let amount = amount.min(charged[index].amount);
                    let given = window.refund(buckets[index], amount);
                    prop_assert!(given == 0 || given == amount);
                    if given > 0 {
                        model.refund(rule, buckets[index], amount);
                        charged[index].amount -= amount;
                    }
                }
                Step::Refund(..) => {}
            }
        }

        prop_assert!(most_in(&charged, rule.period().as_millis() as u64) <= rule.limit());
    }

    #[test]
    fn a_refused_charge_passes_when_its_bucket_is_gone_and_not_a_millisecond_earlier(
        rule in rules(),
        steps in steps(),
        amount in 1u64..=100,
    ) {
        let mut clock_ms = START_MS;
        let mut window = Window::begin(clock_ms);
        for step in steps {
            match step {
                Step::Wait(ms) | Step::Forward(ms) => clock_ms += ms,
                Step::Back(ms) => clock_ms -= ms,
                Step::Charge(amount) => drop(charge(&mut window, clock_ms, rule, amount)),
                Step::Refund(..) => {}
            }
        }

        let reading = window.read(clock_ms, rule, amount);

        if let Verdict::After(bucket) = reading.verdict {
            let wait_ms = rule.gone_at_ms(bucket) - reading.now_ms;
            prop_assert!(matches!(window.clone().read(clock_ms + wait_ms - 1, rule, amount).verdict, Verdict::After(_)));
            prop_assert_eq!(window.read(clock_ms + wait_ms, rule, amount).verdict, Verdict::Passes);
            // What was spent comes back at most a sub-window late.
            let period_ms = rule.period().as_millis() as u64;
            prop_assert!(wait_ms <= period_ms + period_ms.div_ceil(SUB_WINDOWS));
        } else {
            prop_assert_eq!(reading.verdict, Verdict::Passes);
        }
    }

    #[test]
    fn a_steady_client_at_nine_tenths_of_the_limit_is_never_refused(
        rule in rules(),
        amounts in proptest::collection::vec(1u64..=500, 300..600),
        begins_ms in 0u64..100_000,
    ) {
        let rule = Rule::new(10_000, rule.period());
        let mut window = Window::default();
        let (mut spent, period_ms) = (0, rule.period().as_millis() as u64);

        for amount in amounts {
            // Each waits until all before it were paid for at nine tenths of the speed.
            let clock_ms = START_MS + begins_ms + (spent * period_ms).div_ceil(9000);
            prop_assert_eq!(charge(&mut window, clock_ms, rule, amount), Verdict::Passes);
            spent += amount;
        }
    }
}

#[test]
fn a_burst_at_the_edge_of_two_periods_is_refused_until_the_first_one_is_gone() {
    let rule = Rule::new(100, Duration::from_secs(60));
    let mut window = Window::begin(START_MS);
    assert_eq!(charge(&mut window, START_MS + 59_999, rule, 100), Verdict::Passes);

    let gone_ms = rule.gone_at_ms(rule.bucket_at(START_MS + 59_999));

    assert!(matches!(charge(&mut window, START_MS + 60_000, rule, 1), Verdict::After(_)));
    assert!(matches!(charge(&mut window, gone_ms - 1, rule, 1), Verdict::After(_)));
    assert_eq!(charge(&mut window, gone_ms, rule, 100), Verdict::Passes);
    assert!((START_MS + 119_999..=START_MS + 122_000).contains(&gone_ms));
}

#[test]
fn a_clock_that_goes_back_for_good_holds_nobody_up() {
    let rule = Rule::new(100, Duration::from_secs(60));
    let mut window = Window::begin(START_MS);
    charge(&mut window, START_MS, rule, 100);
    let back_ms = START_MS - 300_000;

    assert!(matches!(charge(&mut window, back_ms, rule, 1), Verdict::After(_)));
    assert!(matches!(charge(&mut window, back_ms + 59_000, rule, 1), Verdict::After(_)));
    assert_eq!(charge(&mut window, back_ms + 62_000, rule, 100), Verdict::Passes);
}

#[test]
fn a_charge_above_the_limit_never_passes_and_spends_nothing() {
    let rule = Rule::new(100, Duration::from_secs(60));
    let mut window = Window::begin(START_MS);

    assert_eq!(charge(&mut window, START_MS, rule, 101), Verdict::Never);
    assert_eq!(charge(&mut window, START_MS, rule, u64::MAX), Verdict::Never);
    assert_eq!(charge(&mut window, START_MS, rule, 100), Verdict::Passes);
}
