//! A panel that people have (Xfce's), to show the tray's menu as they see it.

use std::fs;

use tokenkeep_tests::{Child, Desktop, Screen};

/// Where it is written what keeps Xfce's configuration. On a private bus nothing
/// starts it.
const XFCONF: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";

/// A panel along the top with nothing in it but the tray, at its right end.
const CONFIGURATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray"/>
  </property>
</channel>
"#;

/// The height of the panel.
const HEIGHT: u16 = 28;
/// The right end of the screen.
const RIGHT: u16 = 1280;
const RIGHT_BUTTON: u8 = 3;

/// The panel, and what it reads its configuration from.
pub(crate) struct Panel<'d> {
    screen: &'d Screen,
    _panel: Child,
    _xfconfd: Child,
}

impl<'d> Panel<'d> {
    /// Starts it, with nothing in it yet. There may be none on this machine.
    pub(crate) fn start(desktop: &'d Desktop) -> Option<Self> {
        let service = fs::read_to_string(XFCONF).ok()?;
        let xfconfd = service
            .lines()
            .find_map(|line| line.strip_prefix("Exec="))?;
        let (home, screen) = (desktop.home(), desktop.screen());
        let folder = desktop.bus().folder();
        let folder = folder.join("home/.config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&folder).expect("the folder is ours");
        fs::write(folder.join("xfce4-panel.xml"), CONFIGURATION).expect("the folder is ours");
        let xfconfd = home.start_program(xfconfd, &[]);
        let panel = screen.changes_by(|| home.start_program("xfce4-panel", &[]));
        Some(Self {
            screen,
            _panel: panel,
            _xfconfd: xfconfd,
        })
    }

    /// Opens the menu of the only icon, and the submenu that it begins with.
    pub(crate) fn open_menu(&self) {
        let middle = HEIGHT / 2;
        self.screen
            .changes_by(|| self.screen.click(RIGHT - middle, middle, RIGHT_BUTTON));
        self.screen.changes_by(|| self.screen.presses("Down"));
        self.screen.changes_by(|| self.screen.presses("Right"));
    }
}
