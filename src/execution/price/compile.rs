//! From a document to its price tree: once per plan.
//!
//! A selection set is compiled for each type of object that it can be selected in, and kept, so that a fragment that is spread in many
//! places is one part.

use std::collections::HashMap;

use async_graphql::{Name, Positioned, Variables};
use async_graphql_parser::types::{
    Directive, ExecutableDocument, Field as DocumentField, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql_value::Value;

use super::evaluate::Known;
use super::inputs::{Argument, Input};
use super::{ASSUMED_SIZE, Field, Guard, InputId, Kind, Mark, Member, Part, PartId, Points, PriceTree, Size};
use crate::execution::limits::Limits;
use crate::execution::types::{InputField, OutputField, SizedBy, TypeId, TypeIndex};

impl PriceTree {
    /// The tree of the one operation of a valid document.
    pub(crate) fn compile(
        types: &TypeIndex,
        limits: &Limits,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> Self {
        let mut compiler = Compiler {
            types,
            limits,
            document,
            inputs: Vec::new(),
            flags: HashMap::new(),
            parts: Vec::new(),
            live: Vec::new(),
            sets: HashMap::new(),
            max_age: (operation.ty == OperationType::Query).then_some(u32::MAX),
        };
        let root = types.root(operation.ty).and_then(|ty| {
            compiler.keep_for(types.max_age(ty));
            compiler.set(&operation.selection_set.node, ty, None)
        });
        Self {
            inputs: compiler.inputs.into(),
            parts: compiler.parts.into(),
            live: compiler.live.into(),
            root,
            max_age: compiler.max_age,
        }
    }
}

/// The size of a page, for the fields of its connection that hold it.
#[derive(Clone, Copy)]
struct Sized<'a> {
    size: Size,
    fields: &'a [Box<str>],
}

/// A selection set by its place in the document, the object it is selected in, and the page that this object is.
type SetKey = (*const SelectionSet, TypeId, Option<(Size, *const Box<str>)>);

/// What a field makes of its arguments.
struct Arguments {
    weight: u64,
    terms: Vec<InputId>,
    judged: Option<InputId>,
    size: Option<Size>,
}

struct Compiler<'a> {
    types: &'a TypeIndex,
    limits: &'a Limits,
    document: &'a ExecutableDocument,
    inputs: Vec<Input>,
    flags: HashMap<&'a Name, InputId>,
    parts: Vec<Part>,
    live: Vec<PartId>,
    sets: HashMap<SetKey, Option<PartId>>,
    max_age: Option<u32>,
}

impl<'a> Compiler<'a> {
    /// What is selected in an object of one type; none when it is free. Recursion is bounded by how deep selections may nest.
    fn set(&mut self, set: &'a SelectionSet, ty: TypeId, sized: Option<Sized<'a>>) -> Option<PartId> {
        let key = (std::ptr::from_ref(set), ty, sized.map(|sized| (sized.size, sized.fields.as_ptr())));
        if let Some(known) = self.sets.get(&key) {
            return *known;
        }
        let mut parts = Vec::new();
        for item in &set.items {
            let Some(guards) = self.guards(item.node.directives()) else { continue };
            let part = match &item.node {
                Selection::Field(field) => self.field(field, ty, sized),
                other => self.fragment(other, ty).and_then(|set| self.set(set, ty, sized)),
            };
            if let Some(part) = part {
                parts.push(if guards.is_empty() { part } else { self.guarded(guards, part) });
            }
        }
        let id = match parts.as_slice() {
            [] => None,
            [part] => Some(*part),
            _ => self.add(Kind::Set(parts.into())),
        };
        self.sets.insert(key, id);
        id
    }

    /// The selections of a fragment, when it applies to a type of object.
    fn fragment(&self, selection: &'a Selection, ty: TypeId) -> Option<&'a SelectionSet> {
        let (condition, set) = match selection {
            Selection::Field(_) => return None,
            Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let fragment = &self.document.fragments.get(&spread.node.fragment_name.node)?.node;
                (Some(&fragment.type_condition), &fragment.selection_set.node)
            }
        };
        let applies = condition.is_none_or(|condition| {
            let condition = self.types.find(&condition.node.on.node);
            condition.is_some_and(|condition| self.types.members(condition).contains(&ty))
        });
        applies.then_some(set)
    }

    fn field(
        &mut self,
        field: &'a Positioned<DocumentField>,
        parent: TypeId,
        sized: Option<Sized<'a>>,
    ) -> Option<PartId> {
        let types = self.types;
        let name = field.node.name.node.as_str();
        let output = types.field(parent, name)?;
        let arguments = self.arguments(&field.node, output);
        let holds_page = sized.filter(|sized| sized.fields.iter().any(|field| **field == *name));
        let (size, inside) = match (&output.size, arguments.size) {
            (Some(list), Some(size)) if !list.fields.is_empty() => (None, Some(Sized { size, fields: &list.fields })),
            (Some(_), Some(size)) => (Some(size), None),
            _ if holds_page.is_some() => (holds_page.map(|page| page.size), None),
            _ => (output.is_list.then_some(Size::Known(ASSUMED_SIZE)), None),
        };
        let objects = types.members(output.ty);
        let members: Vec<Member> = objects
            .iter()
            .map(|object| {
                self.keep_for(types.max_age(*object));
                let set = &field.node.selection_set.node;
                // The weight of a field stands for that of its one object, not for those of a list.
                let replaced = output.weight.is_some() && size.is_none();
                Member {
                    name: types.name(*object).into(),
                    weight: if replaced { 0 } else { types.weight(*object) },
                    set: self.set(set, *object, inside),
                    marks: if objects.len() > 1 { self.marks(set, *object) } else { Box::default() },
                }
            })
            .collect();
        // Under its own name a value comes once, however often it is selected.
        let again = u64::from(members.is_empty() && field.node.alias.is_some());
        self.add(Kind::Field(Field {
            key: field.node.response_key().node.clone(),
            pos: field.pos,
            weight: output.weight.unwrap_or(0).saturating_add(arguments.weight).saturating_add(again),
            terms: arguments.terms.into(),
            judged: arguments.judged,
            size: size.filter(|_| !members.is_empty()),
            members: members.into(),
        }))
    }

    fn arguments(&mut self, field: &'a DocumentField, output: &'a OutputField) -> Arguments {
        let mut found = Arguments { weight: 0, terms: Vec::new(), judged: None, size: None };
        for (name, argument) in &output.arguments {
            let Some(value) = field.get_argument(name).filter(|_| self.types.weighs(argument)) else { continue };
            let (ty, weight) = (argument.ty.innermost(), argument.weight);
            match self.input(Input::Terms { name: name.clone(), ty, weight, value: value.node.clone() }) {
                Size::Known(points) => found.weight = found.weight.saturating_add(points),
                Size::Given(id) => found.terms.push(id),
            }
        }
        let argument = |name: &str| Argument {
            value: field.get_argument(name).map(|value| value.node.clone()),
            default: output
                .arguments
                .get(name)
                .and_then(|argument: &InputField| argument.default.clone())
                .map(|default| default.into_value()),
        };
        let size = output.size.as_ref().map(|list| match &list.by {
            SizedBy::Assumption(size) => Size::Known(*size),
            SizedBy::Page => self.input(Input::Page { first: argument("first"), last: argument("last") }),
            SizedBy::Argument(name) => self.input(Input::Length { name: name.clone(), value: argument(name) }),
        });
        if let Some(Size::Given(id)) = size {
            found.judged = Some(id);
        }
        found.size = size;
        found
    }

    /// An input whose value is known already, unless it depends on variables or is over a limit: it is judged when it is used.
    fn input(&mut self, input: Input) -> Size {
        if !input.has_variables()
            && let Ok(known) = input.resolve(self.types, self.limits, &Variables::default())
        {
            return Size::Known(known);
        }
        Size::Given(self.add_input(input))
    }

    fn add_input(&mut self, input: Input) -> InputId {
        self.inputs.push(input);
        InputId(place(self.inputs.len() - 1))
    }

    /// What `@skip` and `@include` ask of the variables; none when the selection is never made.
    fn guards(&mut self, directives: &'a [Positioned<Directive>]) -> Option<Vec<Guard>> {
        let mut guards = Vec::new();
        for directive in directives {
            let wanted = match directive.node.name.node.as_str() {
                "include" => true,
                "skip" => false,
                _ => continue,
            };
            match directive.node.get_argument("if").map(|value| &value.node) {
                Some(Value::Boolean(value)) if *value != wanted => return None,
                Some(Value::Variable(name)) => {
                    let flag = match self.flags.get(name) {
                        Some(flag) => *flag,
                        None => self.add_input(Input::Flag(name.clone())),
                    };
                    self.flags.insert(name, flag);
                    guards.push(Guard { flag, wanted });
                }
                _ => {}
            }
        }
        Some(guards)
    }

    fn guarded(&mut self, guards: Vec<Guard>, inner: PartId) -> PartId {
        self.add(Kind::Guarded(guards.into(), inner)).unwrap_or(inner)
    }

    /// Adds a part unless it is free.
    fn add(&mut self, kind: Kind) -> Option<PartId> {
        let held = |id: &PartId| &self.parts[id.0 as usize];
        let is_live = |id: &PartId| matches!(held(id).points, Points::Live(_));
        let sets = |field: &Field| field.members.iter().filter_map(|member| member.set).collect::<Vec<_>>();
        let (is_live, is_sized, is_judged) = match &kind {
            Kind::Set(parts) => (
                parts.iter().any(is_live),
                parts.iter().any(|id| held(id).is_sized),
                parts.iter().any(|id| held(id).is_judged),
            ),
            Kind::Guarded(_, inner) => (true, held(inner).is_sized, held(inner).is_judged),
            Kind::Field(field) => {
                let given = !field.terms.is_empty() || matches!(field.size, Some(Size::Given(_)));
                let sets = sets(field);
                (
                    given || sets.iter().any(is_live),
                    field.size.is_some() || sets.iter().any(|id| held(id).is_sized),
                    !field.terms.is_empty() || field.judged.is_some() || sets.iter().any(|id| held(id).is_judged),
                )
            }
        };
        let points = if is_live {
            Points::Live(place(self.live.len()))
        } else {
            Points::Fixed(Known { parts: &self.parts, inputs: &[], live: &[] }.compute(&kind))
        };
        let part = Part { kind, points, is_sized, is_judged };
        if part.is_free() {
            return None;
        }
        let id = PartId(place(self.parts.len()));
        if is_live {
            self.live.push(id);
        }
        self.parts.push(part);
        Some(id)
    }

    /// The response keys that an object of a type has whatever the variables are.
    fn marks(&self, set: &'a SelectionSet, ty: TypeId) -> Box<[Mark]> {
        let mut marks: Vec<Mark> = Vec::new();
        let mut sets = vec![set];
        let mut next = 0;
        while let Some(set) = sets.get(next).copied() {
            next += 1;
            for item in set.items.iter().filter(|item| item.node.directives().is_empty()) {
                match &item.node {
                    Selection::Field(field) => {
                        let key = field.node.response_key().node.clone();
                        let mark = Mark { key, is_typename: field.node.name.node == "__typename" };
                        if !marks.contains(&mark) {
                            marks.push(mark);
                        }
                    }
                    other => {
                        let inner = self.fragment(other, ty);
                        sets.extend(inner.filter(|inner| !sets.iter().any(|set| std::ptr::eq(*set, *inner))));
                    }
                }
            }
        }
        marks.into()
    }

    /// Notes an object that may be in the answer.
    fn keep_for(&mut self, max_age: u32) {
        self.max_age = self.max_age.map(|least| least.min(max_age)).filter(|least| *least > 0);
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a document of at most 100,000 tokens has fewer selections")
}
