//! What a process is connected to.

use std::fs;

use crate::Child;

impl Child {
    /// How many established TCP connections it has to a port of this machine.
    pub fn connections_to(&self, port: u16) -> usize {
        let process = format!("/proc/{}", self.id());
        let own: Vec<String> = fs::read_dir(format!("{process}/fd"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .filter_map(|target| {
                let target = target.to_str()?;
                Some(
                    target
                        .strip_prefix("socket:[")?
                        .trim_end_matches(']')
                        .to_owned(),
                )
            })
            .collect();
        let table = fs::read_to_string(format!("{process}/net/tcp")).unwrap_or_default();
        let remote = format!(":{port:04X}");
        let is_ours = |line: &&str| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // proc(5): remote address, state (01 is established), and the inode.
            matches!(fields[..], [_, _, to, "01", _, _, _, _, _, inode, ..]
                if to.ends_with(&remote) && own.iter().any(|own| own == inode))
        };
        table.lines().filter(is_ours).count()
    }
}
