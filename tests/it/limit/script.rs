//! The script of Redis does what the arithmetic in the process does, by a clock that the test sets.

use std::time::Duration;

use devstack::Stack;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use redis::aio::MultiplexedConnection;
use storefront::limit::window::{Rule, Verdict, Window};
use uuid::Uuid;

/// The script with its clock in the last two arguments.
fn script() -> redis::Script {
    let text = include_str!("../../../src/limit/window.lua");
    let clock = "redis.call('TIME')";
    assert!(text.contains(clock));
    redis::Script::new(&text.replace(clock, "{ ARGV[#ARGV - 1], ARGV[#ARGV] }"))
}

async fn connect() -> MultiplexedConnection {
    let url = Stack::shared().await.unwrap().redis_url().unwrap();
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

/// What happens to the two windows of a request.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Back(u64),
    /// Charges both, after giving back to the so manieth bucket from the end that was charged.
    Charge {
        amounts: [u64; 2],
        refund: Option<(usize, u64)>,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let refund = proptest::option::of((0usize..6, 0u64..80));
    let step = prop_oneof![
        2 => (0u64..4000).prop_map(Step::Wait),
        1 => (0u64..100_000).prop_map(Step::Wait),
        1 => (0u64..300_000).prop_map(Step::Back),
        8 => ([0u64..60, 0u64..30], refund).prop_map(|(amounts, refund)| Step::Charge { amounts, refund }),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What the script says of a window: its time, what counted, the bucket that must be gone, the oldest bucket.
type Told = [i64; 4];

/// Charges a window that is there, or is made if the charge passes.
fn read(window: &mut Option<Window>, clock_ms: u64, rule: Rule, amount: u64) -> Told {
    let reading = match window {
        Some(window) => window.read(clock_ms, rule, amount),
        None => Window::begin(clock_ms).read(clock_ms, rule, amount),
    };
    let frees = match reading.verdict {
        Verdict::Passes => -1,
        Verdict::Never => -2,
        Verdict::After(bucket) => bucket as i64,
    };
    [reading.now_ms as i64, reading.used as i64, frees, reading.oldest.map_or(-1, |bucket| bucket as i64)]
}

async fn compare(connection: &mut MultiplexedConnection, rules: [Rule; 2], steps: &[Step]) {
    let script = script();
    let tag = Uuid::now_v7().simple();
    let keys = [format!("{{{tag}}}:one"), format!("{{{tag}}}:other")];
    let mut windows: [Option<Window>; 2] = [None, None];
    let mut charged: Vec<u64> = Vec::new();
    let mut clock_ms: u64 = 1_700_000_000_000;
    for (index, step) in steps.iter().enumerate() {
        let (amounts, refund) = match step {
            Step::Wait(ms) => {
                clock_ms += ms;
                continue;
            }
            Step::Back(ms) => {
                clock_ms -= ms;
                continue;
            }
            Step::Charge { amounts, refund } => (*amounts, *refund),
        };
        let refund = refund.and_then(|(back, amount)| Some((*charged.iter().rev().nth(back)?, amount)));
        let mut call = script.prepare_invoke();
        let named = if refund.is_some() { 4 } else { 2 };
        for key in keys.iter().cycle().take(named) {
            call.key(key);
        }
        call.arg(2);
        for (rule, amount) in rules.iter().zip(amounts) {
            call.arg(rule.limit()).arg(rule.period().as_millis() as u64).arg(amount);
        }
        if let Some((bucket, amount)) = refund {
            call.arg(bucket).arg(amount).arg(bucket).arg(amount);
            for window in windows.iter_mut().flatten() {
                window.refund(bucket, amount);
            }
        }
        // Parts of a millisecond count for nothing.
        call.arg(clock_ms / 1000).arg(clock_ms % 1000 * 1000 + 999);

        let told: Vec<i64> = call.invoke_async(connection).await.unwrap();

        let both = [0, 1].map(|at| read(&mut windows[at], clock_ms, rules[at], amounts[at]));
        let passes = both.iter().all(|told| told[2] == -1);
        let expected = [&[i64::from(passes)][..], &both.concat()].concat();
        assert_eq!(told, expected, "step {index} of {steps:?}");
        if passes {
            for (at, window) in windows.iter_mut().enumerate() {
                window.get_or_insert_with(|| Window::begin(clock_ms)).put(rules[at], amounts[at]);
            }
            charged.push(rules[0].bucket_at(both[0][0] as u64));
        }
    }
}

#[tokio::test]
async fn the_script_agrees_with_the_arithmetic_whatever_happens() {
    let mut connection = connect().await;
    let mut runner = TestRunner::default();
    let limits = (50u64..150, 20u64..80);

    for round in 0..300 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let (one, other) = limits.new_tree(&mut runner).unwrap().current();
        let period = Duration::from_millis([60_000, 61_007, 7000][round % 3]);
        compare(&mut connection, [Rule::new(one, period), Rule::new(other, period)], &steps).await;
    }
}

#[tokio::test]
async fn a_window_in_redis_is_small_and_ends_soon_after_all_that_it_holds() {
    let mut connection = connect().await;
    let script = script();
    let key = format!("{{{}}}:points", Uuid::now_v7().simple());
    // Numbers as long as they get, one charge in each bucket of two minutes.
    for second in 0..120 {
        let mut call = script.prepare_invoke();
        call.key(&key).arg(1).arg(1_000_000_000_000u64).arg(60_000).arg(9_999_999_999u64);
        let told: Vec<i64> = call.arg(4_000_000_000u64 + second).arg(0).invoke_async(&mut connection).await.unwrap();
        assert_eq!(told[0], 1);
        assert!(told[2] <= 62 * 9_999_999_999, "{told:?}");
    }

    let encoding: String = redis::cmd("OBJECT").arg("ENCODING").arg(&key).query_async(&mut connection).await.unwrap();
    let fields: usize = redis::cmd("HLEN").arg(&key).query_async(&mut connection).await.unwrap();
    let bytes: usize = redis::cmd("MEMORY").arg("USAGE").arg(&key).query_async(&mut connection).await.unwrap();
    let life_ms: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut connection).await.unwrap();

    assert_eq!((encoding.as_str(), fields), ("listpack", 34));
    assert!(bytes < 1024, "{bytes}");
    assert!(life_ms <= 65_000 && life_ms > 30_000, "{life_ms}");
}
