//! The price of an operation, in points: a function of its plan and its variables, known before anything runs.
//!
//! A plan is compiled once into a [`PriceTree`] (`compile`); weights, list sizes and cache hints come from the schema's SDL. A request
//! resolves what its variables say (`inputs`: page sizes, lengths of lists, conditions of filters, `@skip` and `@include`), which
//! is judged against the limits at the same time, and evaluates the tree (`evaluate`). What the lists were taken to hold and did
//! not is given back when the answer is there (`bill`).
//!
//! | what | points |
//! | --- | --- |
//! | field of an object | its weight or that of its type, and what is selected in it; once per item in a list |
//! | field of an interface or union | the dearest of the objects that it can be |
//! | value with a weight in an argument | its weight; for each object in a list of objects |
//! | value under an alias | 1: it makes the answer longer |
//! | field below `__schema` and `__type` | 1 |
//! | operation | at least 1, and at least 1 for each 100 fields, fragments written out |
//! | selection that is skipped | 0 |

mod bill;
mod compile;
mod evaluate;
mod inputs;
mod page;
mod terms;

use async_graphql::{Name, Pos};

pub use bill::Bill;
pub use page::PageRules;

use self::inputs::Input;

/// A list of objects of which the schema doesn't say how long it is.
const ASSUMED_SIZE: u64 = 10;

/// What an operation costs, with gaps where its variables come in.
#[derive(Debug)]
pub(crate) struct PriceTree {
    inputs: Box<[Input]>,
    /// Each after the parts that it holds. A part may be held by several.
    parts: Box<[Part]>,
    /// The parts whose points depend on inputs, in that order.
    live: Box<[PartId]>,
    root: Option<PartId>,
    max_age: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct PartId(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct InputId(u32);

#[derive(Debug)]
struct Part {
    kind: Kind,
    points: Points,
    /// There is a list in it, which may turn out shorter than it was taken to be.
    is_sized: bool,
    /// There is an input in it that is judged by a limit.
    is_judged: bool,
}

#[derive(Debug, Clone, Copy)]
enum Points {
    Fixed(u64),
    /// By their place among the live parts.
    Live(u32),
}

#[derive(Debug)]
enum Kind {
    /// What is selected in one object.
    Set(Box<[PartId]>),
    /// Selected only when every guard holds.
    Guarded(Box<[Guard]>, PartId),
    Field(Field),
}

/// `@include` by a variable, or `@skip` with `wanted` false.
#[derive(Debug, Clone, Copy)]
struct Guard {
    flag: InputId,
    wanted: bool,
}

#[derive(Debug)]
struct Field {
    /// The response key.
    key: Name,
    pos: Pos,
    /// The points of the field itself, whatever comes back.
    weight: u64,
    /// Points by arguments that hold variables.
    terms: Box<[InputId]>,
    /// The input that is the size of this field's page or list, judged here though it may be charged below.
    judged: Option<InputId>,
    /// How many objects come back, if it is a list of them.
    size: Option<Size>,
    /// The objects that can come back; none for scalars.
    members: Box<[Member]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Size {
    Known(u64),
    Given(InputId),
}

/// What one type of object costs.
#[derive(Debug)]
struct Member {
    name: Box<str>,
    weight: u64,
    set: Option<PartId>,
    /// The response keys that an object of it certainly has; only where other types can come back.
    marks: Box<[Mark]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Mark {
    key: Name,
    is_typename: bool,
}

impl PriceTree {
    /// For how many seconds HTTP caches may keep the answer.
    pub(crate) fn max_age(&self) -> Option<u32> {
        self.max_age
    }

    fn part(&self, id: PartId) -> &Part {
        &self.parts[id.0 as usize]
    }

    /// About the memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let parts = self.parts.iter().map(|part| {
            size_of::<Part>()
                + match &part.kind {
                    Kind::Set(parts) => size_of_val(&**parts),
                    Kind::Guarded(guards, _) => size_of_val(&**guards),
                    Kind::Field(field) => {
                        let marks = field.members.iter().map(|member| size_of_val(&*member.marks) + member.name.len());
                        size_of_val(&*field.terms) + size_of_val(&*field.members) + marks.sum::<usize>()
                    }
                }
        });
        let inputs = self.inputs.iter().map(Input::bytes);
        parts.sum::<usize>() + inputs.sum::<usize>() + size_of_val(&*self.live)
    }
}
