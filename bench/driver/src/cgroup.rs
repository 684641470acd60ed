//! Processor shares: a control group for each function, version 1 or 2, whichever the machine has.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Lambda's slices, in microseconds.
const PERIOD: u32 = 20_000;

/// The control group of one function. Needs the rights of root.
pub(crate) struct Group {
    /// Where processor time is limited.
    limit: PathBuf,
    /// Where it is counted: the same folder in version 2.
    count: PathBuf,
    is_second_version: bool,
}

impl Group {
    /// Makes a group of this name, or takes the one that is there.
    pub(crate) fn make(name: &str) -> io::Result<Self> {
        let root = Path::new("/sys/fs/cgroup");
        let name = format!("bench-{}-{name}", std::process::id());
        let is_second_version = root.join("cgroup.controllers").exists();
        let (limit, count) = if is_second_version {
            fs::write(root.join("cgroup.subtree_control"), "+cpu")?;
            (root.join(&name), root.join(&name))
        } else {
            (root.join("cpu").join(&name), root.join("cpuacct").join(&name))
        };
        fs::create_dir_all(&limit)?;
        fs::create_dir_all(&count)?;
        Ok(Self { limit, count, is_second_version })
    }

    /// Takes a process in, with all its threads.
    pub(crate) fn add(&self, process: u32) -> io::Result<()> {
        fs::write(self.limit.join("cgroup.procs"), process.to_string())?;
        fs::write(self.count.join("cgroup.procs"), process.to_string())
    }

    /// Limits the group to `quota` microseconds in each slice, or not at all.
    pub(crate) fn share(&self, quota: Option<u32>) -> io::Result<()> {
        if self.is_second_version {
            let quota = quota.map_or("max".to_owned(), |quota| quota.to_string());
            return fs::write(self.limit.join("cpu.max"), format!("{quota} {PERIOD}"));
        }
        fs::write(self.limit.join("cpu.cfs_period_us"), PERIOD.to_string())?;
        let quota = quota.map_or("-1".to_owned(), |quota| quota.to_string());
        fs::write(self.limit.join("cpu.cfs_quota_us"), quota)
    }

    /// Processor time used so far.
    pub(crate) fn used(&self) -> io::Result<Duration> {
        let unreadable = || io::Error::other("the control group's count cannot be read");
        if self.is_second_version {
            let text = fs::read_to_string(self.count.join("cpu.stat"))?;
            let used = text.lines().find_map(|line| line.strip_prefix("usage_usec "));
            return Ok(Duration::from_micros(used.and_then(|used| used.parse().ok()).ok_or_else(unreadable)?));
        }
        let text = fs::read_to_string(self.count.join("cpuacct.usage"))?;
        Ok(Duration::from_nanos(text.trim().parse().map_err(|_| unreadable())?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for folder in [&self.limit, &self.count] {
            fs::remove_dir(folder).ok();
        }
    }
}
