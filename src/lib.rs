//! netassist: a network debugging assistant. A window, and a command line, that open TCP clients, TCP
//! servers and UDP sockets, record every byte to a pcapng file, and show what was sent and received.
//!
//! # Architecture
//! A functional core with an imperative shell. `CONTRIBUTING.md` says where a new option, panel, format or language goes.
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
//!   asks the shell to do, a [`Command`](model::Command) goes to a worker, an
//!   [`Event`](model::Event) comes from a worker, a [`Report`](state::Report) is the result of a job. All are
//!   plain data.
//! - A [`workspace::Session`] is the one description of a session, as typed: a tab holds it, panels edit it, files
//!   contain it, flags fill it, and its `build` gives what the worker opens. Socket options are declared once, in
//!   [`model::OPTIONS`].
//! - A connection may have *layers* between its socket and what it carries: TLS, WebSocket, or WebSocket over TLS. The two connections that a relay joins
//!   are its *legs*. Rules, framing, views and exports know neither.
//! - What is agreed on before a connection is used, with a proxy or by being one, is an *exchange*: it is read byte by byte from
//!   the socket before there is a flow, and noted with its bytes.
//! - [`cli`] is a second, small shell over [`net::OpenSession`], without a window.
//!
//! # Modules, in reading order
//! | Module | What | Imports |
//! |---|---|---|
//! | [`codec`] | bytes ⇄ text: hex, escapes, charsets, framings, queries, checksums, templates | none |
//! | [`model`] | the types that all other modules share | codec |
//! | [`rules`] | automatic replies | model, codec |
//! | [`workspace`] | sessions, quick sends and rules as typed, in TOML | rules, model, codec |
//! | [`net`] | sockets: one named thread and one poll loop per session | model, codec, rules |
//! | [`store`] | files that outlive a window: folders, locks, tabs, settings, histories, the log | none |
//! | [`journal`] | the capture file: pcapng writer, reader, index, folder, notes; import of other captures | model, store |
//! | [`analysis`] | which part of a capture is shown: messages, filter, search | journal, model, codec |
//! | [`export`] | saves captures or parts of them as logs, tables, raw bytes, captures | analysis, journal, model, codec |
//! | [`state`] | the state of the window, and the pure functions that change it | workspace, rules, model, codec |
//! | [`ui`] | one panel per file: shows a part of the state, returns actions | state, workspace, rules, analysis, journal, model, codec |
//! | [`app`] | the window's shell: sessions, files, jobs, the clock | all |
//! | [`cli`] | the terminal's shell | all |
//!
//! Only `app` and `ui` use egui, only `net` uses sockets, only `app`, `cli` and `net` read the clock.
//! `tests/it/tidy.rs` checks this.
//!
//! # Invariants
//! 1. **Record first, show later.** A byte is in the journal before anything shows it. Sent data is recorded
//!    once the kernel has accepted it, received data as one record per read, with its
//!    time. What a turn has read and written is in the file by its end: a killed process loses what the kernel gave or took
//!    in its last turn, and nothing that was shown.
//!    Times never go back in a capture, and follow the wall clock forward; in an import they are those of the packets,
//!    which may go back ([`Index::unordered`](model::Index::unordered)). Nothing is converted on arrival: charset,
//!    hex or text, framing, filter, Clear and Hide are views. A rule may stop recording; the data is then counted
//!    but not shown, and the capture says from when to when, and how much is missing.
//! 2. **The worker never waits for a window.** Index entries travel in batches over a channel of bounded length
//!    with `try_send`; the rest waits in the worker.
//! 3. **The window costs what is visible.** A frame reads and formats only the rows on screen.
//!    The scroll position is an item and a row in it, never a pixel offset. Anything that needs a whole
//!    capture (messages, filter, search, saving, copying) is a background job.
//! 4. **Memory is bounded** by the index, 16 bytes per record and 56 per flow, plus a constant. Of a capture in parts, it holds
//!    the parts that are kept. A flow that has ended or
//!    was forgotten takes nothing else, and none on the command line. A framing adds 16 bytes per
//!    message, a filter 4 per matching item, a search 16 per match, up to a million. Payload stays in the file.
//!    For rules and sequences, a connection may hold one unfinished message of up to 16 MiB. All these of a session
//!    share one budget with the answers that wait; beyond it the longest is given up.
//!    A connection with layers holds at most 64 KiB, or a line of a file, that are wrapped and not written; its data count as
//!    sent when the system has taken their last byte on the wire. One with WebSocket holds one unfinished message of up to 16 MiB.
//! 5. One session is one named thread with all its sockets. Each turn limits what it reads, so that a fast
//!    peer starves no other, and takes new commands.
//! 6. [`Event::Closed`](model::Event::Closed) comes exactly once and last. Dropping a session stops its
//!    thread within half a second, even while it connects or is flooded, and does not wait for it.
//! 7. Keys and passwords are in no log, no error and no workspace, which names only files; those of TLS are in captures, unless
//!    that is turned off.
//! 8. Every error says what was being done and to which address, and is handled once.
//! 9. Codecs decode anything and never panic. Text split inside a character decodes
//!    correctly, per flow and direction.
//! 10. An idle program costs nothing: no repaint and no wake-up without a cause.
//! 11. What is typed is on disk within a second, written by a thread that the window does not wait for. A file has
//!     one writer, the window that holds its folder; settings, which all windows write, are merged key by key.
//! 12. What came with a workspace that the user has not approved does not start by itself, and a rule reads and writes
//!     files only in an approved folder, by its canonical name and through no link below it; see `state::trust` and
//!     `net::below`.
//!
//! # What is shown
//! ```text
//! records ────framing─────► messages ────filter─────► shown items ──► views, search, copying, saving
//! (Index)  (CaptureFramer)           (CaptureFilter)    (Shown)          (Search)
//! ```
//!
//! - An *item* is a [`Message`](model::Message): one record, or several that a [`Framing`](codec::frame::Framing)
//!   joins. Without a framing every record is an item, and no list of messages is made. Events
//!   are items, too. Items are ordered by the record in which they end.
//! - [`CaptureFramer`](analysis::CaptureFramer), [`CaptureFilter`](analysis::CaptureFilter) and
//!   [`Search`](analysis::Search) continue where they were as a capture grows. Each works in steps of some
//!   hundredths of a second on a snapshot of the [`Index`](model::Index), which shares its memory. The result does not
//!   depend on the steps. What is removed from the front of the lists is skipped, and changes no number.
//! - An unfinished message comes after all others. A search, and a filter that reads content, see it once it has
//!   ended.
//! - The window, `netassist export` and saving a part all use [`analysis`].
//!
//! # The capture
//! A journal is a pcapng file (draft-ietf-opsawg-pcapng) from its first byte: link type RAW, with
//! synthetic IP and TCP or UDP headers around the payload, real checksums and consistent sequence numbers,
//! so that Wireshark follows the streams while the session is still running. Events that are not
//! packets are comments on Interface Statistics blocks, with a [code](model::SessionNote) before the text.
//! A capture may be several files, one after the other ([`Rotation`](model::Rotation)), each of which can be read by itself. Readers see
//! them as one: the offset of a record counts on from file to file, and so does its number, also when the first files are
//! removed. A file may hold several openings of one session; each is an interface. After a sudden end it can be read up to
//! its last complete block; see [`journal`]. The user's notes on records come after them while the capture grows, and
//! become comments on their packets when it is saved.
//!
//! A connection with layers is in a capture twice, each with a handshake: as it is on the wire, on the interface
//! of the opening, after the secrets that decrypt it (a Decryption Secrets Block), and as what it carries, on a second
//! interface of the same opening, whose description is `decrypted`. There it is TCP over IPv6 between `::ffff:a.b.c.d`
//! for IPv4 ends, and for IPv6 ends between the addresses with their second bit inverted (`6001:db8::1` for `2001:db8::1`).
//! Only the latter is indexed, from the moment the layer begins; [`Scanner::of_wire`](journal::Scanner::of_wire) finds the former. A later part has no
//! handshake of connections that go on: there it has only what they carry, and says so.
//!
//! The packets of messages of WebSocket have their opcode in a comment ([`WsMark`](model::WsMark)); control frames are notes.
//!
//! [`journal::open`] opens any capture. One of ours is read in place. One of another
//! program, pcapng or pcap, or one of ours that another program has changed, is [imported](journal::import()): TCP
//! streams are put in order, gaps are reported, and everything is written through the same
//! [`Writer`](journal::Writer) into a temporary capture, so that all other code knows one format. A capture opened for
//! viewing is never written to.
//!
//! # Tests
//! `tests/it` tests the modules from outside, with real sockets, an independent pcapng parser, tshark and related
//! tools, files written by tcpdump, and the whole window without a display; `tests/it/tidy.rs` checks the rules above.
//! A unit test that needs private items is in the file that it tests. `tests/window` drives the real
//! window by label, under a virtual display. `examples` measure. `fuzz` feeds the
//! reader, the import and the framings; it is a package of its own, which builds the modules that do not use egui.

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
