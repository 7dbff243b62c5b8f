//! Claims about staleness and status, with reports made by hand.

use super::*;

const OURS: u64 = 7;
const BOUND: Duration = Duration::from_secs(10);

/// A report of the server `started` that was asked so many milliseconds ago.
fn report(started: usize, is_standby: bool, timeline: u32, position: u64, ago_ms: u64) -> Report {
    Report {
        incarnation: Incarnation::of(OURS, started),
        is_standby,
        position: Lsn(position),
        timeline: (timeline > 0).then_some(timeline),
        sees_statistics: true,
        database: 1,
        clock_us: 0,
        asked: Instant::now() - Duration::from_millis(ago_ms),
    }
}

fn primary(position: u64, ago_ms: u64) -> Report {
    report(0, false, 1, position, ago_ms)
}

fn standby(position: u64) -> Report {
    report(1, true, 1, position, 0)
}

fn learn(reports: &[(usize, Report)]) -> Knowledge {
    let mut knowledge = Knowledge::new(OURS, 3, BOUND);
    for (host, report) in reports {
        knowledge.reported(*host, 1, *report);
    }
    knowledge
}

/// The statuses, and of the first replica what it lacks, in whole seconds.
fn look(knowledge: &mut Knowledge) -> (Vec<Status>, Option<u64>) {
    let (view, _) = knowledge.view();
    let staleness = view.replicas.first().map(|replica| replica.staleness().as_secs());
    (knowledge.servers().into_iter().map(|(status, _)| status).collect(), staleness)
}

#[test]
fn staleness_is_the_age_of_the_newest_sample_that_was_replayed() {
    let mut knowledge =
        learn(&[(0, primary(10, 8000)), (0, primary(20, 5000)), (0, primary(30, 1000)), (1, standby(25))]);

    let (statuses, staleness) = look(&mut knowledge);

    assert_eq!(statuses, [Status::Primary, Status::Replica, Status::Unreachable]);
    assert_eq!(staleness, Some(5));
}

#[test]
fn a_replica_of_an_idle_primary_is_fresh() {
    let mut knowledge = learn(&[(0, primary(10, 60_000)), (0, primary(10, 0)), (1, standby(10))]);

    assert_eq!(look(&mut knowledge).1, Some(0));
}

#[test]
fn a_replica_beyond_the_bound_is_set_aside_and_comes_back() {
    let mut knowledge = learn(&[(0, primary(10, 11_000)), (0, primary(20, 0)), (1, standby(10))]);
    assert_eq!(look(&mut knowledge).0[1], Status::Stale);

    knowledge.reported(1, 1, standby(20));

    assert_eq!(look(&mut knowledge).0[1], Status::Replica);
}

#[test]
fn a_replica_that_no_sample_was_seen_on_is_not_read() {
    let mut knowledge = learn(&[(1, standby(10)), (0, primary(20, 0))]);

    assert_eq!(look(&mut knowledge).0[1], Status::Stale);
}

#[test]
fn another_incarnation_has_to_prove_its_position_anew() {
    let mut knowledge = learn(&[(0, primary(10, 0)), (1, standby(10)), (0, primary(20, 0))]);

    knowledge.reported(1, 2, Report { incarnation: Incarnation::of(OURS, 99), ..standby(5) });

    assert_eq!(look(&mut knowledge).0[1], Status::Stale);
}

#[test]
fn while_the_primary_is_away_a_standby_keeps_the_timeline_that_it_told_last() {
    let mut knowledge = learn(&[(0, primary(10, 0)), (1, standby(10))]);

    knowledge.lost(0);
    knowledge.reported(1, 1, report(1, true, 0, 10, 0));

    let (view, _) = knowledge.view();
    assert_eq!(view.primary, Err(NoPrimary::Unreachable));
    assert!(view.replicas[0].has(Epoch { system: OURS, timeline: 1 }, Lsn(10)));
    assert!(view.replicas[0].has_all_known);
}

#[test]
fn after_a_promotion_positions_of_the_old_timeline_mean_nothing() {
    let mut knowledge = learn(&[(0, primary(50, 0)), (1, standby(50)), (2, report(2, true, 1, 50, 0))]);

    knowledge.lost(0);
    knowledge.reported(2, 1, report(2, false, 2, 40, 0));

    let (view, _) = knowledge.view();
    assert_eq!(view.epoch, Some(Epoch { system: OURS, timeline: 2 }));
    assert_eq!(look(&mut knowledge).0, [Status::Unreachable, Status::OtherTimeline, Status::Primary]);

    knowledge.reported(1, 1, report(1, true, 2, 45, 0));

    assert_eq!(look(&mut knowledge), (vec![Status::Unreachable, Status::Replica, Status::Primary], Some(0)));
}

#[test]
fn the_old_primary_that_comes_back_is_outdated_whether_the_new_one_is_there_or_not() {
    let mut knowledge = learn(&[(0, primary(50, 0)), (2, report(2, false, 2, 40, 0))]);
    assert_eq!(look(&mut knowledge).0[0], Status::Outdated);

    knowledge.lost(2);

    assert_eq!(knowledge.view().0.primary, Err(NoPrimary::Outdated));
}

#[test]
fn a_timeline_that_only_a_token_tells_of_takes_the_primary_its_place_for_a_while() {
    let mut knowledge = learn(&[(0, primary(50, 0))]);

    knowledge.heard_of(Epoch { system: OURS + 1, timeline: 9 }, BOUND);
    assert_eq!(look(&mut knowledge).0[0], Status::Primary);
    knowledge.heard_of(Epoch { system: OURS, timeline: 2 }, BOUND);

    assert_eq!(look(&mut knowledge).0[0], Status::Outdated);
    knowledge.heard_of(Epoch { system: OURS, timeline: 2 }, Duration::ZERO);
    assert_eq!(look(&mut knowledge).0[0], Status::Primary);
}

#[test]
fn a_server_with_another_database_is_foreign() {
    let foreign = Report { incarnation: Incarnation::of(OURS + 1, 5), ..report(5, false, 9, 99, 0) };
    let mut knowledge = learn(&[(0, primary(50, 0)), (1, foreign)]);

    assert_eq!(look(&mut knowledge).0[..2], [Status::Primary, Status::Foreign]);
}

#[test]
fn a_standby_whose_role_may_not_see_its_timeline_serves_no_token() {
    let blind = Report { sees_statistics: false, ..report(1, true, 0, 50, 0) };
    let mut knowledge = learn(&[(0, primary(50, 0)), (1, blind)]);

    let (view, _) = knowledge.view();

    assert_eq!(look(&mut knowledge).0[1], Status::Replica);
    assert!(!view.replicas[0].has(Epoch { system: OURS, timeline: 1 }, Lsn(50)));
}
