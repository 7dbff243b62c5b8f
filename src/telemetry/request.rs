//! The id of a request in the lines that are logged while it is worked on.
//!
//! A span made, entered and left costs as much as the whole HTTP around a kept answer, and most requests log nothing. So the span is made
//! for the first line; from then on it is entered with every step of the request. Where the settings filter by spans (`[request{id=…}]`)
//! it has to be there beforehand.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::span::EnteredSpan;
use tracing::{Event, Span, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Whether lines are filtered by their spans.
static ARE_SPANS_ASKED_FOR: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The request that this thread is working on.
    static WORKED_ON: RefCell<Option<WorkedOn>> = const { RefCell::new(None) };
}

enum WorkedOn {
    Silent(Arc<str>),
    Logged(EnteredSpan),
}

/// The same between two steps, which different threads may take.
enum Resting {
    Silent(Arc<str>),
    Logged(Span),
}

/// Works on a request: what is logged meanwhile has its id.
pub async fn in_request<T>(id: Arc<str>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut request = Some(if ARE_SPANS_ASKED_FOR.load(Ordering::Relaxed) {
        Resting::Logged(span(&id))
    } else {
        Resting::Silent(id)
    });
    poll_fn(|cx| {
        let _step = Step::begin(&mut request);
        work.as_mut().poll(cx)
    })
    .await
}

/// One step of a request; its end is the same when it panics.
struct Step<'a> {
    request: &'a mut Option<Resting>,
    outer: Option<WorkedOn>,
}

impl<'a> Step<'a> {
    fn begin(request: &'a mut Option<Resting>) -> Self {
        let worked_on = request.take().map(|request| match request {
            Resting::Silent(id) => WorkedOn::Silent(id),
            Resting::Logged(span) => WorkedOn::Logged(span.entered()),
        });
        Self { request, outer: WORKED_ON.replace(worked_on) }
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        *self.request = WORKED_ON.replace(self.outer.take()).map(|worked_on| match worked_on {
            WorkedOn::Silent(id) => Resting::Silent(id),
            WorkedOn::Logged(span) => Resting::Logged(span.exit()),
        });
    }
}

/// Whatever level is logged, its lines name the request.
fn span(id: &str) -> Span {
    tracing::error_span!("request", %id)
}

/// Makes the span of a request when the first line is logged in it. It stands below the layer that writes the line.
pub struct Spans;

impl Spans {
    /// With the directives that say what is logged.
    pub fn new(directives: &str) -> Self {
        ARE_SPANS_ASKED_FOR.store(directives.contains('['), Ordering::Relaxed);
        Self
    }
}

impl<S: Subscriber> Layer<S> for Spans {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        // A thread that ends may log as well.
        let _ = WORKED_ON.try_with(|worked_on| {
            let Ok(mut worked_on) = worked_on.try_borrow_mut() else { return };
            if let Some(WorkedOn::Silent(id)) = &*worked_on {
                let span = span(id).entered();
                *worked_on = Some(WorkedOn::Logged(span));
            }
        });
    }
}
