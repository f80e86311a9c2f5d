//! Tests of both timers that wake a poll.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Registry, Waker};

use super::context::WAKER;
use super::{pacer_portable, pacer_system};

fn wakes_at_each_moment<P>(
    new: impl FnOnce(&Registry, &Arc<Waker>) -> io::Result<P>,
    wake_at: impl Fn(&mut P, Instant) -> io::Result<()>,
) {
    let mut poll = Poll::new().unwrap();
    let waker = Arc::new(Waker::new(poll.registry(), WAKER).unwrap());
    let mut pacer = new(poll.registry(), &waker).unwrap();
    let mut events = Events::with_capacity(8);
    let patience = Some(Duration::from_secs(20));
    let mut moment = Instant::now();
    for wait_us in [0, 300, 1000, 30_000, 100] {
        moment += Duration::from_micros(wait_us);
        // The earlier one replaces this.
        wake_at(&mut pacer, moment + Duration::from_hours(1)).unwrap();
        wake_at(&mut pacer, moment).unwrap();
        poll.poll(&mut events, patience).unwrap();
        assert!(!events.is_empty(), "{wait_us}: nothing woke it");
        assert!(Instant::now() >= moment, "{wait_us}: too early");
        // As if not everything due could be done at once.
        wake_at(&mut pacer, moment).unwrap();
        poll.poll(&mut events, patience).unwrap();
        assert!(!events.is_empty(), "{wait_us}: nothing woke it again");
    }
}

#[test]
fn the_timer_of_this_system_wakes_in_time() {
    wakes_at_each_moment(pacer_system::Pacer::new, pacer_system::Pacer::wake_at);
}

#[test]
fn the_portable_timer_wakes_in_time() {
    wakes_at_each_moment(pacer_portable::Pacer::new, pacer_portable::Pacer::wake_at);
}
