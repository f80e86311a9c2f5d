//! The panes: the room for sessions, divided as the user likes. Each has tabs of its own, one of them in front.

use serde::{Deserialize, Serialize};

use super::{Effect, State, Tab, TabId};

/// Names a pane for the time of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaneId(pub u32);

/// Room that holds one pane, or is divided in two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Split<T> {
    /// Two parts.
    Parts(Box<Parts<T>>),
    /// One pane.
    Pane(T),
}

/// Room that is divided in two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parts<T> {
    /// The second part is below the first, not beside it.
    pub below: bool,
    /// The share of the first part, from 0 to 1.
    pub share: f32,
    /// Both parts.
    pub parts: [Split<T>; 2],
}

impl<T> Split<T> {
    /// What `change` makes of each pane, from the left and the top: nothing, another one, or several.
    pub fn map<U, F: FnMut(T) -> Option<Split<U>>>(self, change: &mut F) -> Option<Split<U>> {
        match self {
            Self::Pane(pane) => change(pane),
            Self::Parts(all) => {
                let Parts { below, share, parts: [first, second] } = *all;
                match (first.map(change), second.map(change)) {
                    (Some(first), Some(second)) => Some(Split::two(below, share, [first, second])),
                    (one, other) => one.or(other),
                }
            }
        }
    }

    fn first(&self) -> T
    where
        T: Copy,
    {
        match self {
            Self::Pane(pane) => *pane,
            Self::Parts(all) => all.parts[0].first(),
        }
    }

    fn two(below: bool, share: f32, parts: [Self; 2]) -> Self {
        Self::Parts(Box::new(Parts { below, share, parts }))
    }
}

/// The tabs of a pane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pane<T> {
    /// All of them, in their order.
    pub tabs: Vec<T>,
    /// The one in front.
    pub front: T,
}

/// How sessions are divided among panes and windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rooms<T> {
    /// The panes of the main window; `None` if it is not divided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panes: Option<Split<Pane<T>>>,
    /// Those that have a window of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Pane<T>>,
}

impl<T> Default for Rooms<T> {
    fn default() -> Self {
        Self { panes: None, windows: Vec::new() }
    }
}

impl<T> Rooms<T> {
    /// The same with what `change` makes of each tab. Panes without tabs are removed.
    pub fn map<U: Clone>(self, mut change: impl FnMut(T) -> Option<U>) -> Rooms<U> {
        let mut in_pane = |Pane { tabs, front }: Pane<T>| {
            let tabs: Vec<U> = tabs.into_iter().filter_map(&mut change).collect();
            let front = change(front).or_else(|| tabs.first().cloned())?;
            Some(Pane { tabs, front })
        };
        let panes = self.panes.and_then(|panes| panes.map(&mut |pane| in_pane(pane).map(Split::Pane)));
        Rooms { panes, windows: self.windows.into_iter().filter_map(in_pane).collect() }
    }
}

/// A place for a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TabPlace {
    /// Beside its neighbour at the right, or at the left.
    Step {
        /// At the right.
        right: bool,
    },
    /// Before that tab.
    Before(TabId),
    /// Behind all tabs of that pane.
    Last(PaneId),
    /// In a window of its own.
    Window,
    /// In a new pane at an edge of that one.
    Edge {
        /// The pane that gives half of its room.
        pane: PaneId,
        /// The new one is above or below, not at the left or right.
        below: bool,
        /// The new one is above or at the left.
        first: bool,
    },
}

impl State {
    /// The tabs of a pane in their order.
    pub fn tabs_of(&self, pane: PaneId) -> impl Iterator<Item = &Tab> {
        self.tabs.iter().filter(move |tab| tab.pane == pane)
    }

    /// The tab in front of a pane.
    pub fn front(&self, pane: PaneId) -> TabId {
        let is_here = |id: &TabId| self.find(*id).is_some_and(|tab| tab.pane == pane);
        let kept = self.fronts.get(&pane).copied().filter(is_here);
        let front = Some(self.active).filter(is_here).or(kept);
        front.or_else(|| Some(self.tabs_of(pane).next()?.id)).unwrap_or(self.active)
    }

    /// Whether a pane has a window of its own.
    pub fn is_detached(&self, pane: PaneId) -> bool {
        self.detached.contains(&pane)
    }

    /// The first pane of the main window.
    pub fn first_pane(&self) -> PaneId {
        self.panes.first()
    }

    /// Brings the tabs of a pane back from its window into the main one.
    pub(super) fn attach(&mut self, pane: PaneId) {
        let home = self.panes.first();
        self.tabs.iter_mut().filter(|tab| tab.pane == pane).for_each(|tab| tab.pane = home);
    }

    /// Removes panes without tabs, and remembers which tab is in front.
    pub(super) fn settle_panes(&mut self) {
        let (tabs, active) = (&self.tabs, self.tab().pane);
        let has_tabs = |pane: &PaneId| tabs.iter().any(|tab| tab.pane == *pane);
        self.detached.retain(has_tabs);
        let mut keep = |pane| has_tabs(&pane).then_some(Split::Pane(pane));
        self.panes = self.panes.clone().map(&mut keep).unwrap_or(Split::Pane(active));
        // The main window has at least one.
        if self.panes == Split::Pane(active) {
            self.detached.retain(|pane| *pane != active);
        }
        let (pane, active) = (self.tab().pane, self.tab().id);
        self.fronts.insert(pane, active);
        let tabs = &self.tabs;
        self.fronts.retain(|pane, front| tabs.iter().any(|tab| (tab.pane, tab.id) == (*pane, *front)));
    }

    /// Divides the pane of the active tab. That goes to the new half, or a new one if it is alone.
    pub(super) fn split(&mut self) {
        let pane = self.tab().pane;
        if self.is_detached(pane) {
            return;
        }
        if self.tabs_of(pane).count() == 1 {
            self.new_tab();
        }
        self.move_tab(self.active, TabPlace::Edge { pane, below: false, first: false });
    }

    pub(super) fn move_tab(&mut self, id: TabId, to: TabPlace) {
        let stays = |tab: &Tab| tab.id != id && !self.is_detached(tab.pane);
        if to == TabPlace::Window && !self.tabs.iter().any(stays) {
            // The main window is not left empty.
            self.new_tab();
        }
        let Some(n) = self.tabs.iter().position(|tab| tab.id == id) else { return };
        let here = self.tabs[n].pane;
        match to {
            TabPlace::Step { right } => {
                let is_here = |at: &usize| self.tabs[*at].pane == here;
                let other =
                    if right { (n + 1..self.tabs.len()).find(is_here) } else { (0..n).rfind(is_here) };
                if let Some(other) = other {
                    self.tabs.swap(n, other);
                }
            }
            TabPlace::Before(other) => {
                let mut tab = self.tabs.remove(n);
                let at = self.tabs.iter().position(|tab| tab.id == other).unwrap_or(n);
                tab.pane = self.tabs.get(at).map_or(here, |tab| tab.pane);
                self.tabs.insert(at, tab);
            }
            TabPlace::Last(pane) => {
                let mut tab = self.tabs.remove(n);
                tab.pane = pane;
                self.tabs.push(tab);
            }
            TabPlace::Window => {
                self.next_pane += 1;
                self.tabs[n].pane = PaneId(self.next_pane);
                self.detached.push(self.tabs[n].pane);
            }
            // The pane of another window is not divided.
            TabPlace::Edge { pane, .. } if self.is_detached(pane) => self.tabs[n].pane = pane,
            TabPlace::Edge { pane, below, first } => {
                self.next_pane += 1;
                let new = PaneId(self.next_pane);
                self.tabs[n].pane = new;
                let mut divide = |old| {
                    let parts = if first { [new, old] } else { [old, new] };
                    let two = Split::two(below, 0.5, parts.map(Split::Pane));
                    Some(if old == pane { two } else { Split::Pane(old) })
                };
                self.panes = self.panes.clone().map(&mut divide).unwrap_or(Split::Pane(new));
            }
        }
        self.active = id;
        self.effects.push(Effect::WriteSettings);
    }

    /// How sessions are divided, without captures that are looked at.
    pub(super) fn rooms_to_save(&self) -> Rooms<TabId> {
        let pane =
            |pane| Pane { tabs: self.tabs_of(pane).map(|tab| tab.id).collect(), front: self.front(pane) };
        let panes = self.panes.clone().map(&mut |id| Some(Split::Pane(pane(id))));
        let windows = self.detached.iter().map(|id| pane(*id)).collect();
        let live = |id| self.find(id).filter(|tab| !tab.is_viewer()).map(|tab| tab.id);
        let Rooms { panes, windows } = Rooms { panes, windows }.map(live);
        Rooms { panes: panes.filter(|panes| matches!(panes, Split::Parts(_))), windows }
    }

    /// Divides sessions as they were in an earlier run. Those that are in none of these panes are in the main window.
    pub fn arrange(&mut self, Rooms { panes, windows }: Rooms<TabId>) {
        let mut give = |Pane { tabs, front }: Pane<TabId>| {
            self.next_pane += 1;
            let pane = PaneId(self.next_pane);
            let is_in = |tab: &&mut Tab| tabs.contains(&tab.id);
            self.tabs.iter_mut().filter(is_in).for_each(|tab| tab.pane = pane);
            self.fronts.insert(pane, front);
            pane
        };
        let mut in_main = Vec::new();
        let panes = panes.and_then(|panes| {
            panes.map(&mut |pane| {
                in_main.push(give(pane));
                in_main.last().copied().map(Split::Pane)
            })
        });
        self.detached = windows.into_iter().map(give).collect();
        if let Some(panes) = panes {
            let active = self.tab().pane;
            let home = if in_main.contains(&active) { active } else { panes.first() };
            let is_placed =
                |tab: &&mut Tab| [&in_main, &self.detached].iter().any(|of| of.contains(&tab.pane));
            self.tabs.iter_mut().filter(|tab| !is_placed(tab)).for_each(|tab| tab.pane = home);
            self.panes = panes;
        }
        self.settle_panes();
    }
}
