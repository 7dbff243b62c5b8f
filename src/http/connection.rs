//! One connection: how long it may keep the server waiting, and how it ends.
//!
//! hyper has one clock for the head of a request and for the pause before it. A pause may be long (a load balancer that finds its
//! connection closed answers 502), a head that does not end is an attack; so the clocks are here, around the socket:
//!
//! | waiting for | at most |
//! | --- | --- |
//! | the first request of a connection, all of its head | `STOREFRONT_HEADER_TIMEOUT_MS` |
//! | the rest of a head that has begun | `STOREFRONT_HEADER_TIMEOUT_MS` |
//! | the next request; also when part of its head came along with the request before | `STOREFRONT_IDLE_TIMEOUT_MS` |
//! | a body | the handler's time for it |
//! | a client that reads nothing of its answer | `STOREFRONT_WRITE_TIMEOUT_MS` |
//!
//! While a request is worked on, none of them runs, nor after an upgrade.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::HttpConfig;

/// How long what a client still sends is thrown away after the last answer. A socket that is closed over unread bytes resets the
/// connection, and the client may lose the answer that tells it to stop.
const LINGER: Duration = Duration::from_secs(2);

/// Where a connection stands. Its socket and its requests are polled by one task, so no order between them has to be kept.
pub struct Progress {
    phase: AtomicU8,
    /// Whether a body was left before its end.
    has_unread: AtomicBool,
}

impl Progress {
    /// Nothing has come yet.
    const FRESH: u8 = 0;
    /// Bytes of a head have come.
    const BEGUN: u8 = 1;
    /// A request is worked on.
    const ANSWERING: u8 = 2;
    /// A request was answered, and nothing came since.
    const IDLE: u8 = 3;

    pub fn new() -> Arc<Self> {
        Arc::new(Self { phase: AtomicU8::new(Self::FRESH), has_unread: AtomicBool::new(false) })
    }

    /// A request whose head has come.
    pub fn asked(self: &Arc<Self>, request: Request<Incoming>) -> Request<Arriving> {
        self.phase.store(Self::ANSWERING, Relaxed);
        request.map(|body| Arriving { has_ended: body.is_end_stream(), body, progress: self.clone() })
    }

    /// Its answer is ready to be sent. What it left of the body cannot be told from a next request, so it is the last one.
    pub fn answered(&self, response: &mut Response) {
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            self.phase.store(Self::IDLE, Relaxed);
        }
        if self.has_unread.load(Relaxed) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }

    /// Whether the client may still be sending what nobody will read.
    fn is_cut_short(&self) -> bool {
        self.has_unread.load(Relaxed) || self.phase.load(Relaxed) == Self::BEGUN
    }
}

/// The body of a request, which tells when it is dropped before its end.
pub struct Arriving {
    body: Incoming,
    has_ended: bool,
    progress: Arc<Progress>,
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.has_ended = frame.is_none() || self.body.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.has_ended {
            self.progress.has_unread.store(true, Relaxed);
        }
    }
}

/// How long one kind of wait has lasted. Its timer is set anew when it rings, not with every wait.
#[derive(Default)]
struct Wait {
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Wait {
    fn ended(&mut self) {
        self.since = None;
    }

    /// Ready when the wait has lasted for `most`.
    fn poll(&mut self, most: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let end = *self.since.get_or_insert(now) + most;
        if now >= end {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() > end {
            timer.as_mut().reset(end);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= end {
                return Poll::Ready(());
            }
            timer.as_mut().reset(end);
        }
        Poll::Pending
    }
}

/// The socket of a connection, with an end to every wait for the client.
pub struct Stream {
    socket: TcpStream,
    progress: Arc<Progress>,
    head_timeout: Duration,
    idle_timeout: Duration,
    write_timeout: Duration,
    reading: Wait,
    writing: Wait,
    lingering: Wait,
    is_shut: bool,
}

impl Stream {
    pub fn new(socket: TcpStream, progress: Arc<Progress>, config: &HttpConfig) -> Self {
        Self {
            socket,
            progress,
            head_timeout: Duration::from_millis(config.header_timeout_ms),
            idle_timeout: Duration::from_millis(config.idle_timeout_ms),
            write_timeout: Duration::from_millis(config.write_timeout_ms),
            reading: Wait::default(),
            writing: Wait::default(),
            lingering: Wait::default(),
            is_shut: false,
        }
    }

    /// What has been waited for too long, once that is so.
    fn overdue(&mut self, cx: &mut Context<'_>) -> Poll<&'static str> {
        let (most, what) = match self.progress.phase.load(Relaxed) {
            Progress::ANSWERING => {
                self.reading.ended();
                return Poll::Pending;
            }
            Progress::IDLE => (self.idle_timeout, "idle"),
            _ => (self.head_timeout, "head"),
        };
        self.reading.poll(most, cx).map(|()| what)
    }

    fn written(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if written.is_pending() {
            ready!(self.writing.poll(self.write_timeout, cx));
            // What it has not read is of no use to anybody: without this the kernel would keep it for minutes.
            let _ = self.socket.set_zero_linger();
            return Poll::Ready(Err(too_slow("write")));
        }
        self.writing.ended();
        self.reading.ended();
        written
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let phase = this.progress.phase.load(Relaxed);
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.socket).poll_read(cx, buffer) {
            if buffer.filled().len() > before && phase != Progress::ANSWERING {
                this.progress.phase.store(Progress::BEGUN, Relaxed);
                if phase == Progress::IDLE {
                    this.reading.ended();
                }
            }
            return Poll::Ready(read);
        }
        let what = ready!(this.overdue(cx));
        Poll::Ready(Err(too_slow(what)))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.socket).poll_write(cx, bytes);
        this.written(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.socket).poll_write_vectored(cx, bytes);
        this.written(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper has asked for the next request while it worked on this one, and does not ask again: the clock has to be started here.
        let _ = self.overdue(cx);
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.is_shut {
            ready!(Pin::new(&mut this.socket).poll_shutdown(cx))?;
            this.is_shut = true;
        }
        if !this.progress.is_cut_short() || this.lingering.poll(LINGER, cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        loop {
            let mut scrap = [0; 4096];
            let mut scrap = ReadBuf::new(&mut scrap);
            // A client that sends without a pause gives way by tokio's budget, and is then looked at by the clock above.
            let read = ready!(Pin::new(&mut this.socket).poll_read(cx, &mut scrap));
            if read.is_err() || scrap.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

fn too_slow(what: &'static str) -> io::Error {
    metrics::counter!("storefront_http_timeouts_total", "reason" => what).increment(1);
    io::ErrorKind::TimedOut.into()
}
