//! Every word of the window, in English and in Chinese, side by side so that neither is forgotten.
//! Messages with something put into them are in `messages`.

/// The language in which the window speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// The language of the user's choice, where `system` is the system's locale, e.g. `zh-CN`.
    pub fn choose(choice: crate::state::Language, system: Option<&str>) -> Self {
        match choice {
            crate::state::Language::English => Self::En,
            crate::state::Language::Chinese => Self::Zh,
            crate::state::Language::System => match system {
                Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Self::Zh,
                Some(_) | None => Self::En,
            },
        }
    }

    /// The one of the two that fits.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        impl Lang {
            $(
                #[doc = concat!("“", $en, "”.")]
                pub fn $name(self) -> &'static str {
                    self.pick($en, $zh)
                }
            )*
        }

        /// Every word in both languages, for those who check that the fonts have all of it.
        pub const WORDS: &[(&str, &str)] = &[$(($en, $zh)),*];
    };
}

words! {
    // The tabs and the bar beside them.
    new_tab: "New tab", "新建标签";
    new_tab_tip: "One more session, with the settings of this one (Ctrl+T)", "再开一个会话，沿用当前设置 (Ctrl+T)";
    close_tab: "Close tab", "关闭标签";
    close_tab_tip: "Close this tab (Ctrl+W). Its capture stays under Recent captures; Ctrl+Shift+T brings the tab back.", "关闭此标签 (Ctrl+W)。其抓包仍在“最近的抓包”中；Ctrl+Shift+T 可恢复标签。";
    tab_tip: "Ctrl+Tab goes to the next tab", "Ctrl+Tab 切换到下一个标签";
    recent_captures: "Recent captures", "最近的抓包";
    recent_captures_tip: "Everything sent and received in earlier sessions (Ctrl+O)", "以前会话收发的全部数据 (Ctrl+O)";
    menu: "Menu", "菜单";
    menu_tip: "Language, theme, keys (F10)", "语言、主题、按键 (F10)";
    language: "Language", "语言";
    theme: "Theme", "主题";
    follow_system: "System", "跟随系统";
    theme_light: "Light", "浅色";
    theme_dark: "Dark", "深色";
    language_tip: "The language of the window", "窗口语言";
    theme_tip: "Light or dark", "浅色或深色";
    send_key: "Send with", "发送快捷键";
    send_key_tip: "The key that sends what is in the send box", "发送发送区内容的按键";
    quit: "Quit", "退出";
    quit_tip: "Close the window (Ctrl+Q)", "关闭窗口 (Ctrl+Q)";

    // The settings panel.
    settings: "Settings", "网络设置";
    protocol: "(1) Protocol", "(1) 协议类型";
    protocol_tip: "What kind of session to open", "要打开的会话类型";
    udp: "UDP", "UDP";
    tcp_client: "TCP Client", "TCP Client";
    tcp_server: "TCP Server", "TCP Server";
    local_host: "(2) Local Host Addr", "(2) 本地主机地址";
    local_host_tip: "An address of this machine. 127.0.0.1 can be reached from this machine only; every other one from the network, too.", "本机的一个地址。127.0.0.1 仅本机可访问；其他地址均可从网络访问。";
    local_port: "(3) Local Host Port", "(3) 本地主机端口";
    local_port_tip: "0 to 65535; 0 lets the system pick a free one", "0 到 65535;0 由系统选择空闲端口";
    remote_host: "Remote Host Addr", "远程主机地址";
    remote_host_tip: "An address or a host name", "地址或主机名";
    remote_port: "Remote Host Port", "远程主机端口";
    remote_port_tip: "1 to 65535", "1 到 65535";
    recent_remotes: "Recent remote hosts", "最近的远程主机";
    this_machine_only: "this machine only", "仅本机";
    from_network: "reachable from the network", "可从网络访问";
    all_ipv4: "all IPv4 addresses", "所有 IPv4 地址";
    all_ipv6: "all IPv6 addresses", "所有 IPv6 地址";
    choose_address: "Choose an address of this machine", "选择本机地址";
    bind_client: "Bind local address", "绑定本地地址";
    bind_client_tip: "Connect from a chosen local address and port; port 0 lets the system pick one", "从指定的本地地址和端口连接；端口 0 由系统选择";
    open: "Open", "打开";
    open_tip: "Open the session (F5)", "打开会话 (F5)";
    close: "Close", "关闭";
    close_tip: "Close the session and all its connections (F5)", "关闭会话及其所有连接 (F5)";
    cancel_opening: "Cancel", "取消";
    cancel_opening_tip: "Stop connecting at once (F5)", "立即停止连接 (F5)";
    closing: "Closing …", "正在关闭…";
    closing_tip: "What waits is being sent; press again to close at once (F5)", "正在发送剩余数据；再按一次立即关闭 (F5)";
    stop_listening: "Stop listening", "停止监听";
    stop_listening_tip: "Accept no more clients; the connected ones stay", "不再接受新客户端；已连接的保持";
    more_options: "Options", "高级选项";
    more_options_tip: "Socket options of this session", "此会话的套接字选项";
    echo: "Echo received data", "回显收到的数据";
    echo_tip: "Send back whatever arrives, to whom it came from", "把收到的数据原样发回给发送者";
    nodelay: "No delay (TCP_NODELAY)", "无延迟 (TCP_NODELAY)";
    nodelay_tip: "Small messages go at once instead of being gathered", "小数据立即发送，不合并";
    keepalive: "Keep-alive (SO_KEEPALIVE)", "保活 (SO_KEEPALIVE)";
    keepalive_tip: "The system probes a silent connection, so that a dead peer is noticed", "系统探测空闲连接，以发现失效的对端";
    abort_on_close: "Abort on close (RST)", "关闭时复位 (RST)";
    abort_on_close_tip: "Close with RST instead of FIN (SO_LINGER 0); what waits is dropped", "用 RST 代替 FIN 关闭 (SO_LINGER 0)；未发送的数据丢弃";
    half_open: "Stay open after peer's FIN", "对端 FIN 后保持";
    half_open_tip: "When the peer has closed its sending side, keep ours open to send on", "对端关闭发送后，本端仍保持以便继续发送";
    reconnect: "Reconnect", "自动重连";
    reconnect_tip: "When nobody answers or the connection is lost, connect again after 1, 2, 4, 8, 16, 30, 30 … seconds, until it is closed", "连接失败或断开后，在 1、2、4、8、16、30、30…秒后重新连接，直到关闭";
    short: "Short connections", "短连接";
    short_tip: "Keep no connection: for each message connect, send, wait for the answer and close. Open first, then send, repeat or run a sequence", "不保持连接：每次发送都建立连接、发送、等待应答、关闭。先打开，再发送、循环发送或顺序发送";
    short_until_closed: "Wait until the peer closes", "等待对端关闭";
    short_until_closed_tip: "Not only for the first message of the answer", "而不只是等到第一条应答";
    short_wait: "Wait for the answer (ms)", "等待应答 (毫秒)";
    short_wait_tip: "How long each connection waits for the answer, in milliseconds. Without it in that time it has failed", "每个连接等待应答的最长时间，毫秒；超时算失败";
    timeout: "Connect timeout (ms)", "连接超时 (毫秒)";
    timeout_tip: "How long one attempt to connect may take, in milliseconds", "每次连接尝试的最长时间，毫秒";
    send_buffer: "Send buffer (KiB)", "发送缓冲 (KiB)";
    send_buffer_tip: "SO_SNDBUF; empty for the system's default", "SO_SNDBUF;留空为系统默认";
    receive_buffer: "Receive buffer (KiB)", "接收缓冲 (KiB)";
    receive_buffer_tip: "SO_RCVBUF; empty for the default (UDP: 8 MiB)", "SO_RCVBUF;留空为默认 (UDP: 8 MiB)";
    broadcast: "Allow broadcast", "允许广播";
    broadcast_tip: "Sending to broadcast addresses is allowed (SO_BROADCAST)", "允许向广播地址发送 (SO_BROADCAST)";
    group: "Multicast group", "组播地址";
    group_tip: "Joined when the session opens; Join and Leave work while it is open", "打开会话时加入；打开期间可用“加入”“离开”";
    interface: "Interface", "组播接口";
    interface_tip: "IPv4: an address of the interface; IPv6: its index; empty for the system's choice", "IPv4: 接口的地址；IPv6: 接口序号；留空由系统选择";
    ttl: "Multicast TTL", "组播 TTL";
    ttl_tip: "How many networks a multicast datagram may cross, 0 to 255", "组播报文可经过的网络数，0 到 255";
    loopback: "See own multicast", "接收自己的组播";
    loopback_tip: "Multicast datagrams sent here are seen by this machine, too", "本机也能收到自己发出的组播";
    join: "Join", "加入";
    join_tip: "Join the multicast group now", "立即加入组播组";
    leave: "Leave", "离开";
    leave_tip: "Leave the multicast group", "离开组播组";
    granted: "Granted by the system", "系统实际分配";

    // Receive options and the log.
    receive_options: "Recv Options", "接收设置";
    body_text: "ASCII", "ASCII";
    body_text_tip: "Show data as text in the chosen charset", "以所选字符集显示文本";
    body_hex: "HEX", "HEX";
    body_hex_tip: "Show data as hex digits", "以十六进制显示";
    body_dump: "Dump", "对照";
    body_dump_tip: "Show hex and text side by side", "十六进制与文本并列显示";
    charset: "Charset", "字符集";
    charset_tip: "How bytes are read as text, and text is sent. Applies to what was received before, too.", "文本与字节的对应方式，收发共用；对已收到的数据同样生效";
    log_mode: "Log Display Mode", "按日志模式显示";
    log_mode_tip: "A line with time, direction, peer and length above the data", "在数据上方显示时间、方向、对端和长度";
    auto_linefeed: "Auto Linefeed", "接收区自动换行";
    auto_linefeed_tip: "Long lines go on in the next row; without it, Shift+wheel moves sideways", "长行自动折行；关闭时可用 Shift+滚轮左右移动";
    hide_received: "Hide Received Data", "接收数据不显示";
    hide_received_tip: "Received data is not shown; it is recorded all the same", "不显示收到的数据，但仍然记录";
    auto_scroll: "AutoScroll", "自动滚屏";
    auto_scroll_tip: "Follow the newest record; scrolling up lets go", "跟随最新记录；向上滚动即停";
    pause: "Pause", "暂停显示";
    pause_tip: "Hold the display still; recording goes on (F6)", "停止刷新显示，记录继续 (F6)";
    resume: "Resume", "继续显示";
    save_as: "Save As…", "保存到文件…";
    save_as_tip: "Save this session as a capture, a log or raw bytes (Ctrl+S)", "保存为抓包、日志或原始数据 (Ctrl+S)";
    clear: "Clear", "清除接收";
    clear_tip: "Hide all that is shown so far (Ctrl+L). Nothing is deleted: Undo brings it back.", "隐藏目前显示的内容 (Ctrl+L)。数据不会删除，可撤销。";
    undo_clear: "Undo clear", "撤销清除";
    undo_clear_tip: "Show again what Clear has hidden", "重新显示被清除的内容";
    log: "Data Log", "数据日志";
    log_empty: "Nothing sent or received yet.", "还没有收发数据。";
    log_empty_hint: "Choose a protocol on the left, then press Open.", "在左侧选择协议类型，然后点击“打开”。";
    log_cleared: "Cleared. Nothing was deleted.", "已清除显示，数据未删除。";
    log_hidden: "Received data is hidden.", "收到的数据未显示。";
    new_below: "New below", "下方有新数据";
    to_end: "To the end", "到末尾";
    new_below_tip: "Go to the newest record and follow it (End)", "跳到最新记录并跟随 (End)";
    copy: "Copy", "复制";
    copy_tip: "Copy what is selected (Ctrl+C)", "复制所选内容 (Ctrl+C)";
    select_all: "Select all", "全选";
    select_all_tip: "Select the whole log (Ctrl+A)", "选择全部日志 (Ctrl+A)";
    log_position: "Position in the log", "日志位置";

    // The table.
    received_short: "← RX", "← 收";
    sent_short: "→ TX", "→ 发";
    table: "Table", "数据表";
    table_position: "Position in the table", "表中位置";
    column_number: "No.", "序号";
    column_number_tip: "The number in the log", "在日志中的序号";
    column_time: "Time", "时间";
    column_time_tip: "When it was sent or received", "收发时间";
    column_delta: "Δ Time", "间隔";
    column_delta_tip: "Time since the row before, in seconds", "距上一行的时间，秒";
    column_peer: "Peer", "对端";
    column_peer_tip: "With whom", "通信的对端";
    column_direction: "Dir.", "方向";
    column_direction_tip: "Received or sent", "接收或发送";
    column_length: "Length", "长度";
    column_length_tip: "Number of bytes", "字节数";
    column_preview: "Data", "数据";
    column_preview_tip: "The beginning of the data", "数据的开头部分";
    column_width_tip: "Drag to change the width (← → with the keyboard); a double click, or Enter, gives the default", "拖动调整列宽(键盘用 ← →)；双击或回车恢复默认";
    copy_rows_tip: "Copy the selected rows as text (Ctrl+C)", "以文本复制所选行 (Ctrl+C)";
    select_rows_tip: "Select all rows (Ctrl+A)", "选择所有行 (Ctrl+A)";
    save_rows: "Save selected…", "保存所选…";
    save_rows_tip: "Save the selected rows to a file", "把所选行保存到文件";
    only_peer: "Only this peer", "只看此对端";
    only_peer_tip: "Hide what goes to and comes from others", "隐藏与其他对端的收发";
    follow_stream: "Follow stream", "跟踪流";
    follow_stream_tip: "Show the whole conversation to which this row belongs", "显示此行所属的完整会话";

    // Copying bytes.
    copy_as: "Copy as", "复制为";
    copy_as_tip: "Copy the selected bytes in this form", "以此形式复制所选字节";
    copy_text: "Text", "文本";
    copy_hex: "Hex digits", "十六进制";
    copy_dump: "Hex dump", "十六进制转储";
    copy_c: "C array", "C 数组";
    copy_rust: "Rust array", "Rust 数组";
    copy_python: "Python bytes", "Python 字节串";
    copy_javascript: "JavaScript Uint8Array", "JavaScript Uint8Array";
    copy_base64: "Base64", "Base64";
    copy_json: "JSON string", "JSON 字符串";

    // The bar above the log.
    view: "View", "视图";
    view_log: "Log", "日志";
    view_log_tip: "A line with time, direction, peer and length above the data of each item (Ctrl+1)", "每条数据上方显示时间、方向、对端和长度 (Ctrl+1)";
    view_table: "Table", "表格";
    view_table_tip: "One row an item, and the bytes of the selected one with an inspector (Ctrl+2)", "每条一行，并显示所选条目的字节和数值解析 (Ctrl+2)";
    view_stream: "Stream", "数据流";
    view_stream_tip: "The data alone, continuous (Ctrl+3)", "只显示数据，连续不断 (Ctrl+3)";
    framing: "Framing", "分帧";
    framing_tip: "How the data is cut into messages, in every view and when what is shown is saved; recorded is what was received (Ctrl+Shift+F)", "把数据切分成消息的方式，作用于所有视图，以及保存所显示的内容；记录的仍是原始数据 (Ctrl+Shift+F)";
    framing_none: "As received", "按接收";
    framing_line: "Lines", "按行";
    framing_delimiter: "Delimiter", "分隔符";
    framing_fixed: "Fixed length", "固定长度";
    framing_length: "Length field", "长度字段";
    framing_idle: "Idle gap", "空闲间隔";
    framing_none_tip: "One read, or one datagram, is one message", "一次接收或一个数据报即一条消息";
    framing_line_tip: "A message ends with LF, CR LF or CR", "以 LF、CR LF 或 CR 结束";
    framing_delimiter_tip: "A message ends with certain bytes", "以指定字节结束";
    framing_fixed_tip: "All messages are equally long", "每条消息长度相同";
    framing_length_tip: "A message says in its beginning how long it is", "消息开头给出自身长度";
    framing_idle_tip: "A message ends where nothing follows for a while", "一段时间没有数据即为结束";
    delimiter_bytes: "Delimiter (hex)", "分隔符 (十六进制)";
    delimiter_bytes_tip: "The bytes that end a message, e.g. 0D 0A", "结束消息的字节，例如 0D 0A";
    message_size: "Bytes in a message", "每条消息的字节数";
    message_size_tip: "How long every message is", "每条消息的长度";
    length_offset: "Bytes before the field", "字段前的字节数";
    length_offset_tip: "Where in the message the length field begins; 0 for its beginning", "长度字段在消息中的起始位置，0 表示开头";
    length_width: "Bytes of the field", "字段的字节数";
    length_width_tip: "1 to 8", "1 到 8";
    length_order: "Byte order", "字节序";
    order_big: "Big-endian", "大端";
    order_big_tip: "The high byte first, as network protocols have it", "高字节在前 (网络字节序)";
    order_little: "Little-endian", "小端";
    order_little_tip: "The low byte first", "低字节在前";
    length_adjust: "Adjustment", "长度修正";
    length_adjust_tip: "Added to the length: a checksum behind the body that the field does not count, for example", "加到长度上的值，例如字段未计入的末尾校验和";
    length_whole: "The length counts the header, too", "长度包含消息头";
    length_whole_tip: "The header is all up to and with the length field", "消息头指到长度字段为止的所有字节";
    length_max: "Longest message", "最大长度";
    length_max_tip: "A longer one makes no sense: it is marked, and the next one looked for", "超过即视为无效：做标记并寻找下一条";
    pause_ms: "Pause in ms", "间隔 (毫秒)";
    pause_ms_tip: "A message ends where nothing follows for this long, e.g. 20 or 0.5", "多久没有数据即结束，例如 20 或 0.5";
    frame_sent: "Send like this, too", "发送也用此格式";
    frame_sent_tip: "Append to what is sent what this framing needs: the length in front, the delimiter or the line end (see Bytes to append)", "为发送的消息附加此分帧所需的内容：前置长度、分隔符或行尾 (见附加位设置)";
    display: "Display", "显示";
    display_tip: "How times are told, and after how many rows long items are folded", "时间的显示方式，以及长条目的折叠行数";
    time_shown: "Time", "时间";
    time_shown_tip: "How times are told: as date and time of day, since the first record, or since the item before (Δ)", "时间的显示方式：日期时间、自第一条起、距上一条 (Δ)";
    time_absolute: "Date and time", "日期时间";
    time_since_start: "Since start", "自开始";
    time_delta: "Δ before", "Δ 距上一条";
    fold: "Fold after", "折叠行数";
    fold_tip: "A longer item shows so many rows and a line that opens the rest", "更长的条目只显示这么多行，点击可展开其余部分";
    fold_never: "Never", "不折叠";
    fold_again: "Fold", "折叠";
    filter: "Filter…", "过滤…";
    filter_tip: "Show only some peers, lengths or times; the rest stays recorded (Ctrl+Shift+L)", "只显示部分对端、长度或时间；其余仍保留在记录中 (Ctrl+Shift+L)";
    filter_peer: "Peer", "对端";
    filter_peer_tip: "Show only this peer's data", "只显示此对端的数据";
    all_peers: "All peers", "全部对端";
    filter_least: "Shortest, in bytes", "最短 (字节)";
    filter_least_tip: "Hide data that is shorter; empty for no limit", "隐藏更短的数据；留空为不限";
    filter_most: "Longest, in bytes", "最长 (字节)";
    filter_most_tip: "Hide data that is longer; empty for no limit", "隐藏更长的数据；留空为不限";
    filter_since: "From time", "起始时间";
    filter_since_tip: "Hide what was before: 14:05:09, 2026-11-20 14:05, or +12.5 seconds after the start", "隐藏更早的：14:05:09、2026-11-20 14:05，或开始后 +12.5 秒";
    filter_until: "To time", "结束时间";
    filter_until_tip: "Hide what was after, written as above", "隐藏更晚的，写法同上";
    filter_apply: "Apply", "应用";
    filter_apply_tip: "Show only what fits (Enter)", "只显示符合的 (回车)";
    filter_clear: "Show all", "全部显示";
    filter_clear_tip: "Take the whole filter away", "取消全部过滤";
    filter_part_tip: "Take this part of the filter away", "取消这一项过滤";
    not_a_number: "A whole number", "应为整数";
    not_a_time: "A time: 14:05:09, 2026-11-20 14:05 or +12.5", "应为时间：14:05:09、2026-11-20 14:05 或 +12.5";
    most_below_least: "Not less than the shortest", "不能小于最短长度";
    until_before_since: "Not before the beginning", "不能早于起始时间";

    // The bar that finds.
    find: "Find…", "查找…";
    find_tip: "Find text, bytes or a pattern in all that is shown, from the first record on (Ctrl+F)", "在所显示的全部内容中查找文本、字节或模式 (Ctrl+F)";
    find_text: "Find", "查找";
    find_text_tip: "What to find; Enter goes to the next one, Shift+Enter to the one before, Escape closes", "要查找的内容；回车到下一处，Shift+回车到上一处，Esc 关闭";
    find_kind: "What is typed is", "输入的是";
    find_as_text: "Text", "文本";
    find_as_text_tip: "Text in the session's charset", "按会话字符集的文本";
    find_as_hex: "Hex", "十六进制";
    find_as_hex_tip: "Bytes in hex; ?? stands for any byte, ?A and A? for half of one", "十六进制字节；?? 代表任意字节，?A、A? 代表半个字节";
    find_as_regex: "Regex", "正则";
    find_as_regex_tip: "A regular expression over bytes", "字节上的正则表达式";
    find_ignore_case: "Aa", "Aa";
    find_ignore_case_tip: "Upper and lower case are the same", "不区分大小写";
    find_next: "Next", "下一处";
    find_next_tip: "Go to the next one (F3 or Enter)", "到下一处 (F3 或回车)";
    find_previous: "Previous", "上一处";
    find_previous_tip: "Go to the one before (Shift+F3)", "到上一处 (Shift+F3)";
    find_filter: "Filter", "只显示匹配";
    find_filter_tip: "Show only what contains this", "只显示包含它的条目";
    find_stop: "Stop", "停止";
    find_stop_tip: "Search no further", "不再继续查找";
    find_none: "Nothing found", "未找到";
    find_close: "Close the bar that finds", "关闭查找栏";
    find_close_tip: "Nothing is marked any more (Escape)", "不再标记 (Esc)";

    // Places, notes, charsets.
    go_to: "Go to…", "转到…";
    go_to_tip: "Go to a record number or a time (Ctrl+G)", "转到某条记录或某个时间 (Ctrl+G)";
    go_to_what: "Record number or time", "记录号或时间";
    go_to_what_tip: "1234, 14:05:09.25, 2026-11-20 14:05, or +12.5 seconds after the start", "1234、14:05:09.25、2026-11-20 14:05，或开始后 +12.5 秒";
    go_to_wrong: "There is no such place. Right is a record number (1234), a time (14:05:09), a date and time (2026-11-20 14:05), or seconds after the start (+12.5).", "没有这个位置。可输入记录号 (1234)、时间 (14:05:09)、日期时间 (2026-11-20 14:05) 或开始后的秒数 (+12.5)。";
    go: "Go", "转到";
    note: "Note", "备注";
    note_edit: "Note…", "备注…";
    note_edit_tip: "A comment on this record, kept in the capture (Ctrl+M)", "对这条记录的备注，保存在抓包中 (Ctrl+M)";
    note_text_tip: "What to note; empty takes the note away", "备注内容；留空则删除";
    note_keep: "Keep", "保存";
    note_keep_tip: "Keep the note (Ctrl+Enter)", "保存备注 (Ctrl+回车)";
    note_cancel_tip: "Leave the note as it was (Escape)", "不修改备注 (Esc)";
    go_to_cancel_tip: "Stay here (Escape)", "留在原处 (Esc)";
    show_bytes: "Show the bytes", "查看字节";
    show_bytes_tip: "Its bytes in the table view, with the inspector", "在表格视图中查看字节和数值解析";
    peer_charset: "Charset of this peer", "此对端的字符集";
    peer_charset_tip: "Read this peer's text in a charset of its own", "用单独的字符集显示此对端的文本";
    as_session: "As the session", "与会话相同";
    switch_charset: "Switch", "切换";
    switch_charset_tip: "Read all text in this charset", "用此字符集显示全部文本";
    switch_peer: "This peer only", "仅此对端";
    switch_peer_tip: "Read only this peer's text in it", "只对此对端使用";
    leave_charset: "Leave it", "不切换";
    leave_charset_tip: "Leave the charset as it is, and ask no more in this tab", "保持当前字符集，此标签不再提示";
    hide_sent: "Hide Sent Data", "发送数据不显示";
    hide_sent_tip: "Sent data is not shown; it is recorded all the same", "不显示发送的数据，但仍然记录";
    hide_events: "Hide Events", "事件不显示";
    hide_events_tip: "Connections, ends and notes are not shown", "不显示连接、断开和备注等事件";
    log_hidden_hint: "Clear, the filter or the ticks that hide leave nothing to show", "清除、过滤或隐藏选项使得没有可显示的内容";
    // The bytes of an item.
    bytes: "Bytes", "字节";
    bytes_position: "Position in the bytes", "字节位置";
    no_bytes: "No bytes to show.", "没有可显示的字节。";
    copy_bytes_tip: "Copy the selected bytes as hex or as text, by the side that was clicked (Ctrl+C)", "复制所选字节：十六进制或文本，取决于点击的一侧 (Ctrl+C)";
    select_bytes_tip: "Select all bytes (Ctrl+A)", "选择全部字节 (Ctrl+A)";

    // The inspector.
    whole_item: "All bytes", "全部字节";
    big_endian: "Big-endian", "大端";
    big_endian_tip: "Read with the high byte first, as network protocols have it", "高字节在前，网络协议常用";
    little_endian: "Little-endian", "小端";
    little_endian_tip: "Read with the low byte first", "低字节在前";
    big_endian_short: "BE", "大端";
    little_endian_short: "LE", "小端";
    copy_value_tip: "Click to copy", "点击复制";
    inspect_length: "Length", "长度";
    inspect_binary: "Binary", "二进制";
    inspect_seconds: "Unix time (s)", "Unix 时间 (秒)";
    inspect_millis: "Unix time (ms)", "Unix 时间 (毫秒)";
    inspect_text: "Text", "文本";
    checksum: "Checksum", "校验和";
    checksum_tip: "Which checksum of the selected bytes to compute", "对所选字节计算哪种校验和";
    checksum_value: "Result", "结果";
    checksum_bytes: "As bytes", "字节序列";
    checksum_waits: "Computed when the button is let go", "松开鼠标后计算";
    checksum_search: "Search checksums", "搜索校验算法";
    checksum_search_tip: "A part of a name, e.g. modbus or crc32; Enter takes the first", "名称的一部分，如 modbus 或 crc32；回车选第一个";

    // The send panel.
    send_options: "Send Options", "发送设置";
    send_text: "ASCII", "ASCII";
    send_text_tip: "What is in the send box is text; switching converts it", "发送区为文本；切换时自动转换";
    send_hex: "HEX", "HEX";
    send_hex_tip: "What is in the send box is hex; switching converts it", "发送区为十六进制；切换时自动转换";
    send_mixed: "Mixed", "混合";
    send_mixed_tip: "Text with hex between brackets: AT[0D 0A]; [[ is a bracket. Switching converts it", "文本，方括号内为十六进制：AT[0D 0A]；[[ 表示方括号。切换时自动转换";
    escapes: "Use Escape Chars", "转义符指令解析";
    escapes_tip: r"\r \n \t \0 \\ \xHH \u{…} in the send box mean what they say", r"解析发送区中的 \r \n \t \0 \\ \xHH \u{…}";
    placeholders: "Placeholders", "占位符";
    placeholders_tip: "What stands in braces is filled in anew for each message: {time}, {n}, {random:8} …; {{ is a brace", "花括号中的内容在每次发送时重新填充：{time}、{n}、{random:8}…；{{ 表示花括号";
    placeholders_in_menu: "Fill placeholders in", "填充占位符";
    placeholders_menu: "All placeholders", "占位符列表";
    placeholders_menu_tip: "All that can be filled in; a click puts it into the send box", "所有可填充的内容；单击插入发送区";
    placeholder_tip: "Put it in where the cursor is", "插入到光标处";
    placeholder_n: "Counter: 1, 2, 3 …, one more with each message", "计数器：1、2、3…，每发一条加一";
    placeholder_n_digits: "Counter from 0 by 1 with 4 digits: 0000, 0001 …", "从 0 起、步长 1、4 位的计数器：0000、0001…";
    placeholder_n_bytes: "The same as 2 bytes, high byte first (le: low first)", "同上，写成 2 字节，高字节在前 (le 为低字节在前)";
    placeholder_time: "Date and time: 2026-11-20 14:05:09", "日期和时间：2026-11-20 14:05:09";
    placeholder_time_format: "Time in a format of your own (strftime)", "自定格式的时间 (strftime)";
    placeholder_unix: "Seconds since 1970", "自 1970 年起的秒数";
    placeholder_unix_ms: "Milliseconds since 1970", "自 1970 年起的毫秒数";
    placeholder_random: "8 random bytes", "8 个随机字节";
    placeholder_number: "A random number from 1 to 100", "1 到 100 的随机数";
    placeholder_peer: "Address and port of the peer that gets it", "接收方的地址和端口";
    placeholder_length: "Length of the whole message in bytes", "整条消息的字节数";
    placeholder_length_bytes: "The same less 2, as 2 bytes (le: low byte first)", "同上减 2，写成 2 字节 (le 为低字节在前)";
    placeholder_rest: "Length of what stands behind it, e.g. Content-Length", "其后内容的字节数，例如 Content-Length";
    placeholder_rest_bytes: "The same as 2 bytes, low byte first", "同上，写成 2 字节，低字节在前";
    placeholder_brace: "A brace", "一个花括号";
    example: "e.g.", "例如";
    send: "Send", "发送";
    send_tip: "Send what is in the box", "发送发送区内容";
    cycle: "Cycle (ms)", "循环周期(毫秒)";
    cycle_tip: "Send the box again and again, from beat to beat after this time: 0.1 ms to 24 h; 2s means seconds", "按此周期循环发送发送区内容：0.1 毫秒到 24 小时；2s 表示 2 秒";
    cycle_count: "Times", "次数";
    cycle_count_tip: "How many times; empty for no end", "循环次数；留空则不限";
    start_cycle: "Start cycle", "开始循环";
    start_cycle_tip: "Send what is in the box now, and then in every cycle. Several may run at once.", "立即发送，之后每个周期发送一次。可同时运行多个。";
    stop_cycle: "Stop", "停止";
    stop_cycle_tip: "Send this no more", "停止此循环";
    send_box: "Send box", "发送区";
    send_hint_text: "Text to send", "要发送的文本";
    send_hint_hex: "Bytes to send, e.g. 01 03 00 00 00 02 C4 0B", "要发送的字节，例如 01 03 00 00 00 02 C4 0B";
    send_hint_mixed: "Text and bytes to send, e.g. AT+GMR[0D 0A]", "要发送的文本和字节，例如 AT+GMR[0D 0A]";
    append: "Auto Append Bytes", "自动发送附加位";
    append_tip: "Add a line end, a checksum or fixed bytes to each message", "为每条消息附加行尾、校验和或固定字节";
    append_menu: "Bytes to append", "附加位设置";
    append_menu_tip: "Choose what is appended: line end, checksum, fixed bytes, length", "选择附加内容：行尾、校验和、固定字节、长度";
    append_in_menu: "Append to each message", "附加到每条消息";
    append_length: "Length in front", "前置长度字段";
    append_length_tip: "The length of the whole message as it goes; the framing “Length field” with the same values reads it", "实际发出的整条消息的长度；同样设置的“长度字段”分帧可解析";
    append_adjust_tip: "What the length does not count: a checksum behind the body, for example", "长度未计入的字节数，例如末尾校验和";
    append_before: "Bytes before the checksum (hex)", "校验和前的字节 (十六进制)";
    append_before_tip: "Fixed bytes behind the message, e.g. 03; the checksum covers them", "紧跟消息的固定字节，例如 03；计入校验";
    append_check: "Checksum", "校验和";
    append_check_tip: "A checksum of all that stands before it", "对其前所有字节计算";
    append_order: "Byte order of the checksum", "校验和字节序";
    append_from: "First bytes left out", "跳过开头字节数";
    append_from_tip: "So many bytes at the beginning are not part of the checksum", "开头若干字节不参与校验";
    append_until: "Last bytes left out", "跳过末尾字节数";
    append_until_tip: "So many bytes before the checksum are not part of it", "校验和之前的若干字节不参与校验";
    append_text: "As hex digits", "写成十六进制文本";
    append_text_tip: "The checksum is written as upper-case hex in ASCII: 0x4F as 4F", "校验和以大写 ASCII 十六进制写出：0x4F 写作 4F";
    append_after: "Bytes behind the checksum (hex)", "校验和后的字节 (十六进制)";
    append_after_tip: "Fixed bytes that are not part of the checksum, e.g. 7E", "不参与校验的固定字节，例如 7E";
    line_end: "Line end", "行尾";
    line_end_tip: "What stands at the very end", "消息最末尾的字符";
    line_end_none: "None", "无";
    send_to: "To", "目标";
    send_to_tip: "To whom the send box goes", "发送给谁";
    send_to_remote: "Remote Host", "远程主机";
    send_to_ticked: "Ticked", "勾选的";
    send_file: "Choose File…", "选择文件…";
    send_file_tip: "Choose a file to send with the system's dialog, or drop one here", "用系统对话框选择要发送的文件，也可以拖放到这里";
    file_path: "File to send", "要发送的文件";
    file_path_tip: "The path of a file; Enter sends it", "文件路径；回车发送";
    browse: "Browse…", "浏览…";
    browse_tip: "Choose with the system's dialog", "用系统对话框选择";
    send_this_file: "Send file", "发送文件";
    send_this_file_tip: "Send the file as the menu before it says. Several may go at once.", "按前面菜单的设置发送此文件。可同时发送多个。";
    file_menu: "How a file is sent", "文件发送方式";
    file_menu_tip: "Raw or line by line, chunk size, pause or rate", "原样或逐行、块大小、间隔或限速";
    file_raw: "Raw", "原样";
    file_raw_tip: "The bytes as they are", "按原始字节发送";
    file_lines: "Line by line", "逐行";
    file_lines_tip: "Each line is a message", "每行作为一条消息发送";
    drop_ends: "Without line ends", "去掉行尾";
    drop_ends_tip: "LF, CR LF or CR at the end of a line is not sent", "不发送每行末尾的 LF、CR LF 或 CR";
    skip_blank: "Skip blank lines", "跳过空行";
    skip_blank_tip: "Lines that hold nothing are not sent", "不发送没有内容的行";
    append_to_lines: "Append to each line", "每行加附加内容";
    append_to_lines_tip: "Add to each line what the send box appends", "在每行后加上发送区设置的附加内容";
    chunk: "Bytes a chunk", "每块字节数";
    chunk_tip: "So many bytes go at a time; empty for what suits", "每次发送的字节数；留空则自动";
    chunk_udp: "Bytes a datagram", "每个数据报字节数";
    chunk_udp_tip: "So many bytes are a datagram; empty for 1400", "每个数据报的字节数；留空为 1400";
    file_pace: "Speed", "发送速度";
    pace_unlimited: "Full", "全速";
    pace_unlimited_tip: "As fast as the peer takes it", "以对端接收的最快速度发送";
    pace_pause: "Pause", "间隔";
    pace_pause_tip: "Let some time pass from one chunk or line to the next", "每块或每行之间留出间隔";
    pace_rate: "Rate", "限速";
    pace_rate_tip: "So many bytes a second, to each peer", "限制每秒字节数 (对每个对端)";
    file_pause: "Pause (ms)", "间隔(毫秒)";
    file_pause_tip: "From one chunk or line to the next: 0.1 ms to 24 h; 2s means seconds", "相邻两块或两行的间隔：0.1 毫秒到 24 小时；2s 表示 2 秒";
    file_rate: "Bytes a second", "每秒字节数";
    file_rate_tip: "9600, 100k, 1.5M, 64Ki …", "例如 9600、100k、1.5M、64Ki";
    pause_file: "Pause", "暂停";
    pause_file_tip: "Let this file wait", "暂停发送此文件";
    resume_file: "Go on", "继续";
    resume_file_tip: "Go on sending this file", "继续发送此文件";
    stop_file: "Stop", "停止";
    stop_file_tip: "Send no more of this file", "停止发送此文件";
    drop_opens: "Drop here to open the capture", "拖放到此处打开抓包";
    drop_sends: "Drop here to send the file", "拖放到此处发送文件";
    drop_anywhere: "Drop to choose the file for sending", "松开即可选作要发送的文件";
    clear_send: "Empty", "清除发送";
    clear_send_tip: "Empty the send box (Ctrl+Z in it brings the text back)", "清空发送区(在其中按 Ctrl+Z 可恢复)";

    // The panel beside the log.
    close_side: "Close the panel", "关闭侧栏";
    close_side_tip: "Close the panel beside the log (Escape in its search)", "关闭日志旁的侧栏 (在搜索框中按 Esc)";
    quick: "Quick sends", "快捷指令";
    quick_tip: "Messages kept to be sent with one click or key, and in order as a sequence (Ctrl+K)", "保存常用报文，一键发送，或按顺序成组发送 (Ctrl+K)";
    quick_empty: "Nothing kept yet. “From the box” keeps what is in the send box; “New” begins an empty one.", "还没有快捷指令。“存入发送区内容”可保存当前内容，“新建”从空白开始。";
    quick_new: "New", "新建";
    quick_new_tip: "An empty quick send at the end of this page", "在本页末尾新建一条";
    quick_add: "From the box", "存入发送区内容";
    quick_add_tip: "Keep what is in the send box as a quick send", "将发送区内容保存为一条快捷指令";
    quick_undo: "Undo", "撤销";
    quick_undo_tip: "Bring back what was deleted last", "恢复最近删除的一条";
    quick_file: "File ▼", "文件 ▼";
    quick_file_tip: "Take over lists of this program, Packet Sender and SSCOM; save this list", "导入本程序、Packet Sender、SSCOM 的指令列表；导出本列表";
    quick_import_browse: "Import…", "导入…";
    quick_import: "Import", "导入";
    quick_import_tip: "Append the quick sends of a file: .toml of this program, .ini or .json of Packet Sender, sscom.ini or sscom51.ini", "追加文件中的指令：本程序 .toml、Packet Sender 的 .ini 或 .json、sscom.ini 或 sscom51.ini";
    quick_export_browse: "Export…", "导出…";
    quick_export: "Export", "导出";
    quick_export_tip: "Save all pages as a .toml file; the field below never replaces a file", "将所有页保存为 .toml 文件；按下方路径导出时不会覆盖已有文件";
    quick_path: "Path of the list", "列表文件路径";
    quick_path_tip: "A file to import from or export to", "要导入或导出的文件";
    quick_page: "Page", "分页";
    quick_page_tip: "Show this page", "显示此页";
    quick_page_field_tip: "On which page it stands; a new name makes a new page", "所在分页；填写新名称即新建一页";
    quick_pages: "Pages", "已有分页";
    quick_first_page: "(first)", "(默认)";
    quick_search: "Search the quick sends", "搜索快捷指令";
    quick_search_tip: "A part of a name, content, note or key, in all pages", "按名称、内容、备注或按键搜索所有分页";
    quick_run: "Run the ticked", "顺序发送勾选项";
    quick_run_tip: "Send the ticked rows of this page one after the other, each after the delay of the one before or its answer", "依次发送本页勾选的行，按各行的延时或应答推进";
    quick_stop: "Stop", "停止顺序发送";
    quick_stop_tip: "Stop the sequence at once", "立即停止顺序发送";
    quick_loops: "Rounds", "轮数";
    quick_loops_tip: "How often; empty for without end", "重复多少轮；留空则一直循环";
    quick_round: "Round", "当前轮次";
    quick_remarks: "Not taken over as it stood", "未能原样导入";
    quick_remarks_close: "Close this list", "关闭此列表";
    quick_send_tip: "Send this now; the session must be open", "立即发送；需先打开会话";
    quick_menu: "Menu of", "指令菜单";
    quick_menu_tip: "Edit, load, duplicate, move, delete", "编辑、载入、复制、移动、删除";
    quick_grip: "Move", "移动";
    quick_grip_tip: "Drag to another place. With the keyboard: Alt+↑ and Alt+↓ on the name", "拖动以调整顺序；键盘可在名称上按 Alt+↑、Alt+↓";
    quick_ticked: "In the sequence", "参与顺序发送";
    quick_ticked_tip: "“Run the ticked” sends this row, too", "“顺序发送勾选项”时包含此行";
    quick_name_tip: "A click shows its fields; Alt+↑, Alt+↓ move it, Delete deletes it", "单击编辑；Alt+↑、Alt+↓ 移动，Delete 删除";
    quick_edit: "Edit", "编辑";
    quick_edit_tip: "Show its fields", "编辑各项内容";
    quick_load: "Into the send box", "放入发送区";
    quick_load_tip: "Put it into the send box; what was in it stays in the history", "放入发送区；原内容保留在历史发送中";
    quick_duplicate: "Duplicate", "复制一条";
    quick_duplicate_tip: "The same once more, without the key", "再建一条相同的（不含按键）";
    quick_up: "Move up", "上移";
    quick_up_tip: "One place up (Alt+↑ on the name)", "上移一行（在名称上按 Alt+↑）";
    quick_down: "Move down", "下移";
    quick_down_tip: "One place down (Alt+↓ on the name)", "下移一行（在名称上按 Alt+↓）";
    quick_delete: "Delete", "删除";
    quick_delete_tip: "Take it away; “Undo” brings it back", "删除此条；可撤销";
    quick_back: "‹ Back to the list", "‹ 返回列表";
    quick_back_tip: "All is kept as it is typed", "输入的内容已自动保存";
    quick_name: "Name", "名称";
    quick_name_field_tip: "What it is called in the list", "列表中显示的名称";
    quick_content: "Content", "内容";
    quick_content_tip: "What is sent", "要发送的内容";
    quick_escapes: "Escapes", "转义符";
    quick_placeholders: "Fill placeholders", "填写占位符";
    quick_placeholders_tip: "Fill {time}, {unix}, {n}, {random:N}, {number:A-B}, {peer} each time it is sent; {{ is a brace", "每次发送时填入 {time}、{unix}、{n}、{random:N}、{number:A-B}、{peer}；花括号写作 {{";
    quick_filled: "Filled each time it is sent", "每次发送时填写";
    quick_append: "Append, one a line", "附加位，每行一个";
    quick_append_tip: "What is added behind the content, in order: crlf, hex:03, CRC-16/MODBUS, LRC; length:0:2:be puts the length in front", "依次附加在内容之后：crlf、hex:03、CRC-16/MODBUS、LRC；length:0:2:be 在前面加长度";
    quick_append_menu: "What can be appended", "可附加的内容";
    quick_append_menu_tip: "Add a line end, a length or a checksum", "添加行尾、长度或校验";
    quick_append_one_tip: "Add this", "添加此项";
    quick_charset: "Charset of this one", "此条字符集";
    quick_charset_session: "The session's", "同会话";
    quick_charset_tip: "The charset of this one's text", "此条文本的字符集";
    quick_key: "Key", "按键";
    quick_key_tip: "The key that sends it: F1 to F12, also with Ctrl+, Alt+ or Shift+, or Alt+1", "发送此条的按键：F1 到 F12，可加 Ctrl+、Alt+、Shift+，或 Alt+数字";
    quick_note: "Note", "备注";
    quick_note_tip: "What it is for", "用途说明";
    quick_in_sequence: "A row of the sequence", "参与顺序发送";
    quick_delay: "Delay to the next row", "到下一行的延时";
    quick_delay_tip: "Milliseconds, or with a unit: 20ms, 1.5s; empty for none", "毫秒数，或带单位：20ms、1.5s；留空为无延时";
    quick_expect: "Wait for an answer", "等待应答";
    quick_expect_none: "none", "不等待";
    quick_expect_tip: "The next row is sent only when such a message came", "收到符合条件的消息后才发送下一行";
    quick_pattern: "The answer", "应答内容";
    quick_pattern_tip: "As text, or as hex: ?? is any byte, ? half of one", "文本，或十六进制：?? 代表任意字节，? 代表半个字节";
    quick_within: "Within", "时限";
    quick_within_tip: "How long it is waited for: milliseconds, or with a unit; empty for 1 s", "最长等待时间：毫秒数，或带单位；留空为 1 秒";
    quick_timeout: "If it does not come", "超时后";
    quick_timeout_stop: "stop", "停止";
    quick_timeout_go_on: "go on", "继续";
    quick_timeout_tip: "What the sequence does then", "超时后如何处理顺序发送";
    match_anything: "anything", "任意消息";
    match_equals: "equals", "等于";
    match_starts: "starts with", "开头为";
    match_ends: "ends with", "结尾为";
    match_contains: "contains", "包含";
    match_regex: "regular expression", "正则表达式";
    history: "History", "历史发送";
    history_tip: "The last 500 things sent from this tab, kept over restarts (Ctrl+H)", "此标签最近发送的 500 条内容，重启后仍保留 (Ctrl+H)";
    history_search: "Search what was sent", "搜索历史发送";
    history_search_tip: "A part of what was sent; Enter puts the first one into the send box, Escape closes", "输入部分内容；回车将第一条放入发送区，Esc 关闭";
    history_empty: "Nothing sent yet.", "还没有发送过内容。";
    history_entry_tip: "A click puts it into the send box, a double click sends it. ↑ and ↓ in the box walk through the history.", "单击放入发送区，双击直接发送。在发送区中按 ↑ ↓ 可逐条翻看历史。";
    history_send_tip: "Send this again; what is in the send box stays", "再次发送这一条，发送区内容不变";
    history_forget: "Forget", "删除记录";
    history_forget_tip: "Take this out of the history", "从历史发送中删除";

    // Peers.
    all_connections: "All Connections", "所有连接";
    known_peers: "Peers", "对端";
    peers_tip: "Ticked peers are addressed by the target “Ticked”", "勾选的对端对应目标“勾选的”";
    disconnect: "Disconnect", "断开";
    disconnect_tip: "Close this connection once what waits is sent", "发送完剩余数据后断开此连接";
    forget: "Forget", "移除";
    forget_tip: "Take this peer off the list; it comes back with its next datagram", "从列表移除；下次收到其数据时再出现";
    half_close: "Half-close", "半关闭";
    half_close_tip: "Close our sending side (FIN); receiving goes on", "关闭本端发送 (FIN)，仍可接收";
    reset_peer: "Break off (RST)", "强行断开 (RST)";
    reset_peer_tip: "Break the connection off with RST", "用 RST 强行断开";
    send_only_to: "Send to this peer", "只发给它";
    send_only_to_tip: "Address the send box to this peer", "把发送目标设为此对端";
    peer_actions: "Actions", "操作";
    no_peers: "Nobody is connected yet.", "还没有连接。";

    // Saving.
    save: "Save", "保存";
    save_tip: "Write the file", "写入文件";
    save_path: "File", "文件";
    save_path_tip: "Where to save; Enter saves", "保存位置；回车保存";
    format: "Format", "格式";
    format_tip: "As what to save", "保存为哪种格式";
    format_pcapng: "Capture for Wireshark (pcapng)", "Wireshark 抓包 (pcapng)";
    format_text: "Text log", "文本日志";
    format_netassist: "Text log, NetAssist classic", "文本日志 (NetAssist 经典格式)";
    format_netassist5: "Text log, NetAssist V5", "文本日志 (NetAssist V5 格式)";
    format_hexdump: "Hex dump for text2pcap", "十六进制转储，可由 text2pcap 读取";
    format_csv: "Table (CSV)", "表格 (CSV)";
    format_jsonl: "JSON Lines, data in Base64", "JSON Lines，数据为 Base64";
    format_raw_received: "Received bytes only", "仅接收的原始数据";
    format_raw_sent: "Sent bytes only", "仅发送的原始数据";
    save_what: "What", "内容";
    save_whole: "Everything", "全部";
    save_whole_tip: "Every record of the session", "会话的全部记录";
    save_shown: "As shown", "当前显示";
    save_shown_tip: "Leave out what Clear and the filter hide", "不含被清除和被过滤的内容";
    save_selected: "Selected", "选中部分";
    save_selected_tip: "The records that the selection touches, whole", "选区涉及的记录，每条完整保存";
    overwrite: "Overwrite", "覆盖";
    overwrite_tip: "Replace the file that is there", "替换已有文件";
    cancel: "Cancel", "取消";
    cancel_tip: "Change nothing (Esc)", "不做任何更改 (Esc)";
    stop: "Stop", "停止";
    stop_tip: "Stop saving; nothing is left behind", "停止保存，不留下任何文件";
    nothing_to_save: "Nothing is recorded yet.", "还没有记录。";

    // Recent captures.
    open_file: "Capture file", "抓包文件";
    open_file_tip: "A capture of any program: pcapng or pcap. It can also be dropped onto the window.", "任意程序的抓包文件：pcapng 或 pcap。也可以拖放到窗口中。";
    open_file_button: "Open file", "打开文件";
    browse_capture_tip: "Choose a capture file with the system's dialog", "用系统对话框选择抓包文件";
    open_capture: "Look at it", "查看";
    open_capture_tip: "Open this capture in a tab", "在标签中打开此抓包";
    delete_capture: "Delete", "删除";
    delete_capture_tip: "Delete this capture from disk", "从磁盘删除此抓包";
    in_use: "in use", "使用中";
    no_captures: "No captures are kept yet.", "还没有保留的抓包。";
    recent_note: "Every session is recorded as it runs. The oldest captures are removed when they take more room than the limit.", "每个会话都会实时记录。总量超过上限时，最旧的抓包会被删除。";
    keep_up_to: "Keep up to (MiB)", "最多保留 (MiB)";
    keep_up_to_tip: "How much room all kept captures may take together, in MiB", "所有保留的抓包合计可占用的空间，单位 MiB";
    close_list: "Done", "完成";
    close_list_tip: "Close this list (Esc)", "关闭列表 (Esc)";

    // Status.
    status: "Status", "状态";
    ready: "Ready!", "就绪!";
    not_open: "Not open", "未打开";
    opening: "Opening …", "正在打开…";
    connecting: "Connecting …", "正在连接…";
    listening: "Listening", "正在监听";
    connected: "Connected", "已连接";
    bound: "Open", "已打开";
    not_listening: "No longer listening", "已停止监听";
    viewing: "Looking at a capture", "正在查看抓包";
    loading: "Reading …", "正在读取…";
    paused: "Display paused; recording goes on", "显示已暂停，记录继续";
    reset: "Reset", "复位计数";
    reset_tip: "Count from zero", "计数清零";
    received_count: "RX", "RX";
    sent_count: "TX", "TX";
    waiting: "Waiting", "待发送";
    resume_recording: "Record again", "恢复记录";
    resume_recording_tip: "A rule has stopped the recording: what is sent and received is counted, but not kept. Click to keep it again", "规则已停止记录：收发的数据仍计数，但不保存。单击恢复记录";
    dropped: "Dropped by the system", "系统丢弃";
    peers: "Peers", "连接数";
    dismiss: "Dismiss", "知道了";
    dismiss_tip: "Take this message away (Esc)", "收起此消息 (Esc)";

    // Questions.
    question_close: "Close this tab?", "关闭此标签？";
    question_close_text: "Its connections are in use and will be closed. The capture is kept under Recent captures.", "其连接正在使用，将被关闭。抓包保留在“最近的抓包”中。";
    question_quit: "Quit netassist?", "退出 netassist?";
    question_quit_text: "Connections are in use and will be closed. All captures are kept under Recent captures.", "有连接正在使用，将被关闭。所有抓包保留在“最近的抓包”中。";
    question_notes_text: "Notes on an opened capture would be lost. To keep them, save everything as a capture (Ctrl+S).", "对已打开抓包的备注将丢失。如需保留，请将全部内容保存为抓包 (Ctrl+S)。";
    keep_open: "Keep open", "保持打开";
    keep_open_tip: "Change nothing (Esc)", "不做任何更改 (Esc)";
    close_anyway: "Close", "关闭";
    close_anyway_tip: "Close it (Enter)", "关闭 (Enter)";
    quit_anyway: "Quit", "退出";
    quit_anyway_tip: "Close everything and leave (Enter)", "关闭全部并退出 (Enter)";
}
