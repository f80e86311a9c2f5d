//! What an error of the operating system means, the same on every system.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

/// Defines the faults: variant, kind of error in std, words.
macro_rules! faults {
    ($($fault:ident $(, $kind:ident)?: $words:literal;)*) => {
        /// What an error of the operating system means. Its [`Display`](fmt::Display) is English; the codes in
        /// captures are the names in kebab case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum OsFault {
            $(#[doc = concat!("`", $words, "`.")] $fault,)*
        }

        impl OsFault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$fault),*];

            fn of_kind(kind: io::ErrorKind) -> Option<Self> {
                $($(if kind == io::ErrorKind::$kind {
                    return Some(Self::$fault);
                })?)*
                None
            }
        }

        impl fmt::Display for OsFault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$fault => $words,)* })
            }
        }
    };
}

faults! {
    ConnectionRefused, ConnectionRefused: "connection refused";
    ConnectionReset, ConnectionReset: "connection reset by peer";
    ConnectionAborted, ConnectionAborted: "connection aborted";
    NotConnected, NotConnected: "not connected";
    BrokenPipe, BrokenPipe: "connection closed";
    AddressInUse, AddrInUse: "address already in use";
    AddressNotAvailable, AddrNotAvailable: "this computer does not have this address";
    HostUnreachable, HostUnreachable: "host unreachable";
    NetworkUnreachable, NetworkUnreachable: "network unreachable";
    NetworkDown, NetworkDown: "network is down";
    TimedOut, TimedOut: "timed out";
    PermissionDenied, PermissionDenied: "permission denied";
    NotFound, NotFound: "no such file or folder";
    AlreadyExists, AlreadyExists: "already exists";
    IsAFolder, IsADirectory: "is a folder";
    NotAFolder, NotADirectory: "not a folder";
    FolderNotEmpty, DirectoryNotEmpty: "folder not empty";
    BadFileName, InvalidFilename: "invalid file name";
    FileTooLarge, FileTooLarge: "file too large";
    DiskFull, StorageFull: "no space left on the disk";
    QuotaExceeded, QuotaExceeded: "disk quota exceeded";
    ReadOnly, ReadOnlyFilesystem: "read-only file system";
    StaleFile, StaleNetworkFileHandle: "the network folder no longer has this file";
    Busy, ResourceBusy: "in use by another program";
    OtherDisk, CrossesDevices: "on another disk";
    InvalidArgument, InvalidInput: "invalid argument";
    Unsupported, Unsupported: "not supported by the system";
    OutOfMemory, OutOfMemory: "out of memory";
    TryAgain, WouldBlock: "temporarily unavailable";
    Interrupted, Interrupted: "interrupted";
    NothingWritten, WriteZero: "nothing could be written";
    EndOfFile, UnexpectedEof: "unexpected end of file";
    // Those for which std has no kind.
    TooManyOpenFiles: "too many open files and connections";
    MessageTooLong: "message too long";
    NoBufferSpace: "no buffer space left";
    FamilyNotSupported: "address family not supported";
    InputOutput: "input/output error";
    NoSuchDevice: "no such device or interface";
    TooManyLinks: "too many symbolic links";
    UnknownHost: "unknown host name";
    NoNameServer: "the name server does not answer";
}

/// Numbers of the system's errors that have no kind in std.
const NUMBERS: &[(i32, OsFault)] = if cfg!(windows) {
    &[
        (4, OsFault::TooManyOpenFiles),
        (21, OsFault::NoSuchDevice),
        (32, OsFault::Busy),
        (33, OsFault::Busy),
        (1117, OsFault::InputOutput),
        (10024, OsFault::TooManyOpenFiles),
        (10040, OsFault::MessageTooLong),
        (10042, OsFault::Unsupported),
        (10045, OsFault::Unsupported),
        (10047, OsFault::FamilyNotSupported),
        (10052, OsFault::TimedOut),
        (10055, OsFault::NoBufferSpace),
        (10064, OsFault::HostUnreachable),
        (11001, OsFault::UnknownHost),
        (11002, OsFault::NoNameServer),
        (11004, OsFault::UnknownHost),
    ]
} else if cfg!(any(target_os = "linux", target_os = "android")) {
    &[
        (5, OsFault::InputOutput),
        (6, OsFault::NoSuchDevice),
        (19, OsFault::NoSuchDevice),
        (23, OsFault::TooManyOpenFiles),
        (24, OsFault::TooManyOpenFiles),
        (40, OsFault::TooManyLinks),
        (90, OsFault::MessageTooLong),
        (97, OsFault::FamilyNotSupported),
        (105, OsFault::NoBufferSpace),
    ]
} else {
    &[
        (5, OsFault::InputOutput),
        (6, OsFault::NoSuchDevice),
        (19, OsFault::NoSuchDevice),
        (23, OsFault::TooManyOpenFiles),
        (24, OsFault::TooManyOpenFiles),
        (40, OsFault::MessageTooLong),
        (47, OsFault::FamilyNotSupported),
        (55, OsFault::NoBufferSpace),
        (62, OsFault::TooManyLinks),
    ]
};

impl OsFault {
    /// What `error` means, if it has words here. An error with a text of its own has none.
    pub fn of(error: &io::Error) -> Option<Self> {
        if let Some(number) = error.raw_os_error() {
            let known = NUMBERS.iter().find(|(known, _)| *known == number).map(|(_, fault)| *fault);
            return known.or_else(|| Self::of_kind(error.kind()));
        }
        if error.get_ref().is_none() {
            return Self::of_kind(error.kind());
        }
        // std keeps only the text of a failed look-up (getaddrinfo).
        let text = error.to_string();
        let why = text.strip_prefix("failed to lookup address information: ")?;
        let is_temporary = why.starts_with("Temporary failure") || why.contains("not respond");
        Some(if is_temporary { Self::NoNameServer } else { Self::UnknownHost })
    }
}
