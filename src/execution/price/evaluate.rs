//! From the inputs of a request to its points, and to the paths where most of them go.

use async_graphql::Name;

use super::{Field, Guard, InputId, Kind, Member, Part, PartId, Points, PriceTree, Size};

/// As many live parts as are evaluated without memory from the heap.
const FEW: usize = 64;
/// How many paths an error names.
const NAMED: usize = 3;

impl PriceTree {
    /// The points of what is selected.
    pub(crate) fn price(&self, inputs: &[u64]) -> u64 {
        self.evaluate(inputs, |known| self.root.map_or(0, |root| known.part(root)))
    }

    /// The response paths that cost most by themselves, dearest first, as an error names them.
    pub(crate) fn dearest(&self, inputs: &[u64]) -> String {
        self.evaluate(inputs, |known| {
            let mut dearest = Dearest { known, path: Vec::new(), found: Vec::with_capacity(NAMED + 1) };
            if let Some(root) = self.root {
                dearest.walk(root, 1);
            }
            let named: Vec<_> = dearest.found.iter().map(|(points, path)| format!("{path} {points}")).collect();
            named.join(", ")
        })
    }

    /// Each live part is computed once, after those that it holds.
    fn evaluate<T>(&self, inputs: &[u64], with: impl FnOnce(&Known<'_>) -> T) -> T {
        let (mut few, mut many) = ([0; FEW], Vec::new());
        let values = match few.get_mut(..self.live.len()) {
            Some(values) => values,
            None => {
                many.resize(self.live.len(), 0);
                many.as_mut_slice()
            }
        };
        for (place, id) in self.live.iter().enumerate() {
            values[place] = Known { parts: &self.parts, inputs, live: values }.compute(&self.part(*id).kind);
        }
        with(&Known { parts: &self.parts, inputs, live: values })
    }
}

/// Parts whose points are known.
pub(super) struct Known<'a> {
    pub(super) parts: &'a [Part],
    pub(super) inputs: &'a [u64],
    /// The points of the live parts.
    pub(super) live: &'a [u64],
}

impl Known<'_> {
    /// The points of a part that is made of known ones.
    pub(super) fn compute(&self, kind: &Kind) -> u64 {
        match kind {
            Kind::Set(parts) => parts.iter().fold(0, |sum: u64, part| sum.saturating_add(self.part(*part))),
            Kind::Guarded(guards, inner) if self.hold(guards) => self.part(*inner),
            Kind::Guarded(..) => 0,
            Kind::Field(field) => {
                let dearest = field.members.iter().map(|member| self.member(member)).max().unwrap_or(0);
                self.own(field).saturating_add(self.size(field).saturating_mul(dearest))
            }
        }
    }

    fn part(&self, id: PartId) -> u64 {
        match self.parts[id.0 as usize].points {
            Points::Fixed(points) => points,
            Points::Live(place) => self.live[place as usize],
        }
    }

    fn member(&self, member: &Member) -> u64 {
        member.weight.saturating_add(member.set.map_or(0, |set| self.part(set)))
    }

    fn hold(&self, guards: &[Guard]) -> bool {
        guards.iter().all(|guard| guard.holds(self.inputs))
    }

    /// The points of a field whatever comes back.
    pub(super) fn own(&self, field: &Field) -> u64 {
        field.terms.iter().fold(field.weight, |sum, id| sum.saturating_add(self.input(*id)))
    }

    fn size(&self, field: &Field) -> u64 {
        match field.size {
            None => 1,
            Some(Size::Known(size)) => size,
            Some(Size::Given(id)) => self.input(id),
        }
    }

    fn input(&self, id: InputId) -> u64 {
        self.inputs[id.0 as usize]
    }
}

impl Guard {
    pub(super) fn holds(self, inputs: &[u64]) -> bool {
        (inputs[self.flag.0 as usize] == 1) == self.wanted
    }
}

/// Looks for the dearest paths, in the order of the document.
struct Dearest<'a> {
    known: &'a Known<'a>,
    path: Vec<&'a Name>,
    found: Vec<(u64, String)>,
}

impl<'a> Dearest<'a> {
    /// Recursion is bounded by how deep selections may nest; what cannot come among the dearest is passed over.
    fn walk(&mut self, id: PartId, times: u64) {
        let known = self.known;
        if !self.is_among_them(times.saturating_mul(known.part(id))) {
            return;
        }
        match &known.parts[id.0 as usize].kind {
            Kind::Set(parts) => parts.iter().for_each(|part| self.walk(*part, times)),
            Kind::Guarded(guards, inner) if known.hold(guards) => self.walk(*inner, times),
            Kind::Guarded(..) => {}
            Kind::Field(field) => self.field(field, times),
        }
    }

    fn field(&mut self, field: &'a Field, times: u64) {
        let known = self.known;
        // Of equals the first one.
        let dearest = field.members.iter().rev().max_by_key(|member| known.member(member));
        let inside = times.saturating_mul(known.size(field));
        let of_objects = inside.saturating_mul(dearest.map_or(0, |member| member.weight));
        self.path.push(&field.key);
        self.offer(times.saturating_mul(known.own(field)).saturating_add(of_objects));
        if let Some(set) = dearest.and_then(|member| member.set) {
            self.walk(set, inside);
        }
        self.path.pop();
    }

    fn is_among_them(&self, points: u64) -> bool {
        points > 0 && (self.found.len() < NAMED || self.found.last().is_some_and(|(least, _)| points > *least))
    }

    fn offer(&mut self, points: u64) {
        if self.is_among_them(points) {
            let path = self.path.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(".");
            let place = self.found.partition_point(|(more, _)| *more >= points);
            self.found.insert(place, (points, path));
            self.found.truncate(NAMED);
        }
    }
}
