//! What the other rooms say in English themselves: errors, the notes of sessions, the examples. Every other
//! language has texts for it.

use super::{Display, fill};

core_texts! {
    // What a session could not do.
    failed(doing, why);
    failed_at(doing, what, why);
    resolving;
    binding;
    listening;
    connecting;
    accepting;
    sending;
    repeating;
    running_sequence;
    receiving;
    half_closing;
    setting_option(name);
    joining;
    leaving;
    recording;
    reading_file;
    saving_file;
    answering;
    starting;

    // Why not.
    system(text);
    refused;
    reset;
    aborted;
    not_connected;
    address_in_use;
    address_not_available;
    host_unreachable;
    network_unreachable;
    network_down;
    broken_pipe;
    permission_denied;
    not_found;
    already_exists;
    timed_out;
    disk_full;
    read_only;
    file_too_large;
    invalid_argument;
    out_of_memory;
    is_a_folder;
    not_a_folder;
    no_answer(ms);
    no_address;
    queue_full(waiting, most);
    datagram_too_long(len, most);
    no_peer;
    peer_gone;
    closed_unanswered;
    sending_closed;
    too_many_repeats(most);
    too_many_answers(most);
    too_many_notes(most);
    disk_too_slow(waiting, most);
    not_for_this_protocol;
    too_many_files(most);
    line_too_long(most);
    file_shrunk(sent, len);
    file_grown(by);
    file_rewritten;
    file_removed;

    // The notes of sessions.
    note_listening(address);
    note_bound(address);
    note_stopped_listening;
    note_joined(group);
    note_left(group);
    note_file_stopped(done, total);
    note_unsent(n, peer);
    note_not_made(n);
    note_recording_resumed(ms);
    note_recording_stopped;
    note_not_recorded(received, sent);
    note_closed;
    note_missing(n, from, to);
    note_left_out(n);

    // What is typed as hex, text or placeholders.
    hex_not_a_digit(found);
    hex_odd(len);
    hex_no_digits;
    hex_not_a_byte;
    not_in_charset(found);
    open_bracket;
    empty_brackets;
    escape_unknown(found);
    escape_alone;
    escape_byte;
    escape_char;
    open_brace;
    placeholder_time;
    placeholder_counter(digits);
    placeholder_random(most);
    placeholder_number;
    placeholder_length(digits);
    placeholder_group;
    placeholder_byte;
    placeholder_bytes;
    placeholder_json;

    // What is appended, and the framing.
    append_nothing_to_check(len, from, until);
    append_no_place(len, offset);
    append_does_not_fit(value, width);
    append_too_long(len, most);
    append_two_lengths;
    step_unknown;
    step_count(most);
    step_option;
    step_twice;
    step_number;
    step_length;
    framing_delimiter(most);
    framing_range(least, most);
    framing_adjust(most);
    framing_pause;

    // What is to be found or matched.
    query_empty;
    query_too_long;
    query_too_large;
    regex_group_unclosed;
    regex_group_unopened;
    regex_class_unclosed;
    regex_range;
    regex_escape;
    regex_nothing_to_repeat;
    regex_count;
    regex_unknown_class;
    regex_look_around;
    regex_backreference;
    regex_flag;
    regex_too_deep;
    regex_other;
    pattern_empty;

    // Fields of quick sends, and what was imported.
    quick_key;
    quick_duration;
    remark(line, what);
    remark_not_a_line;
    remark_hex;
    remark_no_content;
    remark_protocol(name);
    remark_macro(name);
    remark_number(text);
    remark_checksum_end;
    remark_too_many(most);
    remark_not_text;

    // Fields of rules, and rules that could not be followed.
    rule_length;
    rule_checksum;
    rule_step;
    rule_address;
    rule_delay;
    rule_duration;
    rule_number;
    modbus_unit;
    modbus_bits;
    modbus_registers;
    file_name_refused(name, why);
    file_name_empty;
    file_name_too_long;
    file_name_leaves_folder;
    file_name_character;
    file_name_device;
    file_name_no_text;

    // The examples.
    example_upper_case;
    example_chat;
    example_http_hello;
    example_modbus_device;
    example_file_download;
    example_json_files;
}
