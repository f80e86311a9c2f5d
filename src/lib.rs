//! netassist: a network debugging assistant. A window, and a command line, that open TCP clients, TCP
//! servers and UDP sockets, record every byte to a pcapng file, and show what was sent and received.
//!
//! # The house
//! A functional core with an imperative shell. Four words carry everything that moves:
//!
//! ```text
//! user ─► panels ──Action──► State.act ──Effect──► App (shell) ──Command──► worker thread (owns the sockets)
//!            ▲                                       ▲    │                    │        │
//!            └── &State ◄── State.apply ◄───Event────┘    └─ job ─► Report     │        └─ bytes ─► journal (file)
//!                                 ▲──────────────── channel ───────────────────┘                      │
//!            └───────────────────── reads visible records only ◄──────────────────────────────────────┘
//! ```
//!
//! - An [`Action`](state::Action) is what the user wants, an [`Effect`](state::Effect) what the state
//!   asks the shell to do, a [`Command`](model::Command) an order to a worker, an
//!   [`Event`](model::Event) a fact from a worker, a [`Report`](state::Report) what a job has done. All are
//!   plain data.
//! - The same engine runs without a window: [`cli`] is a second, small shell over [`net::Session`].
//!
//! # Rooms, in reading order
//! | Room | What | Imports of ours |
//! |---|---|---|
//! | [`codec`] | bytes ⇄ what people read and type: hex, escapes, charsets, framings, queries, checksums, templates | none |
//! | [`model`] | the plain types that all others speak in | codec |
//! | [`rules`] | what a session answers by itself | model, codec |
//! | [`workspace`] | what a person writes down: sessions, quick sends and rules as typed, in TOML | rules, model, codec |
//! | [`net`] | sockets: one named thread a session, one poll loop | model, codec, rules |
//! | [`store`] | files that outlive a window: folders, locks, tabs, settings, histories, the log | none |
//! | [`journal`] | the capture file: pcapng writer, reader, index, folder, notes; import of others' | model, store |
//! | [`analysis`] | what of a capture is shown: messages, filter, search | journal, model, codec |
//! | [`export`] | captures, or parts of them, saved as logs, tables, raw bytes, captures | analysis, journal, model, codec |
//! | [`state`] | what the window knows, the pure function that moves it | workspace, rules, model, codec |
//! | [`ui`] | one panel a file: shows a part of the state, answers with actions | state, workspace, rules, analysis, journal, model, codec |
//! | [`app`] | the window's shell: sessions, files, jobs, the clock | all |
//! | [`cli`] | the terminal's shell | all |
//!
//! egui stands only in `app` and `ui`, sockets only in `net`, the clock only in `app`, `cli` and `net`.
//! A test reads the sources for it.
//!
//! # Invariants
//! 1. **Record first, show later.** A byte is in the journal before anyone is told of it. What was
//!    sent is recorded when the kernel accepted it, what was received as one record a read, with its
//!    time. Nothing is converted on arrival: charset, hex or text, framing, filter, Clear and Hide are
//!    views. A rule may stop the recording of data; then they are counted but shown to nobody, and the capture
//!    says from when to when, and how much is missing.
//! 2. **The worker never waits for a window.** Index entries travel in batches over a bounded channel
//!    with `try_send`; what does not fit waits in the worker.
//! 3. **The window costs what is visible.** A frame reads and formats the rows on screen and no
//!    others. The log's position is an item and a row in it, never a pixel offset. What needs all of a
//!    capture (messages, filter, search, saving, copying) is a job beside the window.
//! 4. **Memory is bounded** by the index, 16 bytes a record, plus a constant. A framing adds 16 bytes a
//!    message, a filter 4 an item that passes, a search 16 a hit, up to a million. Payload is in the file.
//!    While rules or sequences listen, a connection may hold one message that has not ended, of 16 MiB at most.
//! 5. One session is one named thread with all its sockets. Reads are capped a turn, so that one fast
//!    peer starves nobody, and orders are looked at every turn.
//! 6. [`Event::Closed`](model::Event::Closed) comes exactly once and last. Dropping a session stops its
//!    thread within half a second, also while it connects or is flooded.
//! 7. Every error says what was being done and to which address, and is handled once.
//! 8. Codecs decode anything and never panic. Text that arrives split inside a character decodes
//!    right, per flow and direction.
//! 9. Idle costs nothing: no repaint and no wake-up without a cause.
//! 10. What is typed is on disk within a second, written by a thread that the window does not wait for. A file has
//!     one writer, the window that holds its folder; settings, which all windows write, are merged key by key.
//!
//! # What is shown
//! ```text
//! records ──framing──► messages ──filter──► shown items ──► views, search, copying, saving
//! (Index)  (CaptureFramer)         (CaptureFilter) (Shown)       (Search)
//! ```
//!
//! - An *item* is a [`Message`](model::Message): one record, or what a [`Framing`](codec::frame::Framing)
//!   puts together of many. Without a framing every record is an item, and no list of them is made. Events
//!   are items, too. Items stand in the order of the records in which they end.
//! - [`CaptureFramer`](analysis::CaptureFramer), [`CaptureFilter`](analysis::CaptureFilter) and [`Search`](analysis::Search) go on where they were as a
//!   capture grows. Each works in steps of some hundredths of a second on a snapshot of the
//!   [`Index`](model::Index), which shares its memory, and gives the same whatever the steps were.
//! - A message that has not ended yet stands behind all others. A search, and a filter that must read, look
//!   at it when it has ended.
//! - The same [`analysis`] serves the window, `netassist export` and the saving of parts.
//!
//! # The capture
//! A journal is a pcapng file (draft-ietf-opsawg-pcapng) from its first byte: link type RAW, with
//! synthetic IP and TCP or UDP headers around the payload, real checksums, and sequence numbers that
//! add up, so that Wireshark follows the streams while the session still runs. Events that are no
//! packet are comments on Interface Statistics blocks, with a [code](model::SessionNote) before the words.
//! A file may hold several openings of one session; each is an interface. After a sudden end it can be read up to its last whole block; see
//! [`journal`]. The user's notes on records stand behind them while the capture grows, and become comments on
//! their packets when it is saved.
//!
//! [`journal::open`] is the door to every capture. One of ours is read where it lies. One of another
//! program, pcapng or pcap, or of ours but changed by another, is [imported](journal::import()): its TCP
//! streams are put in order, what lacks is named, and all is written through the same
//! [`Writer`](journal::Writer) into a temporary capture, so that nothing else need know of it. What is only
//! looked at is never written to.
//!
//! # Tests
//! Unit and property tests stand in the files they test. `tests/it` tests the rooms from outside, with
//! real sockets, an independent pcapng parser, tshark and its fellows, files that tcpdump wrote, and the
//! whole window without a display; `tests/it/tidy.rs` holds the rules above. `tests/window` drives the real
//! window by label, under a virtual display. `examples` measure. `fuzz` looks for files and bytes that the
//! reader, the import and the framings cannot stand; it is a package of its own, which builds the rooms that
//! know no window.

pub mod codec;
pub mod model;

pub mod rules;

pub mod workspace;

pub mod net;

pub mod store;

pub mod journal;

pub mod analysis;

pub mod export;

pub mod state;

pub mod ui;

pub mod app;
pub mod cli;
