//! The path of a request, in two steps, so that the transport can look at the operation between them.

use std::sync::Arc;

use async_graphql::{
    ObjectType, Request, Response, Schema, SchemaBuilder, SubscriptionType, ValidationMode, Variables,
};
use async_graphql_parser::types::OperationType;
use futures_util::FutureExt;

use super::absent;
use super::cache::{self, PlanCache};
use super::coercion::{self, Coerced};
use super::error::{RequestError, RequestErrorKind, RequestErrors};
use super::limits::{Limits, MAX_NESTING};
use super::plan::Plan;
use super::price::Bill;
use super::root::Root;
use super::strict::OnlyValidate;
use super::types::{ScalarChecks, SchemaError, TypeIndex};

/// What an engine is built with, beside its schema.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// Memory for plans of documents seen before.
    pub plan_cache_bytes: u64,
    /// Tells schemas apart that differ in their fields; part of the plan's key.
    pub variant: &'static str,
    pub scalar_checks: ScalarChecks,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            plan_cache_bytes: 32 * 1024 * 1024,
            variant: "",
            scalar_checks: ScalarChecks::default(),
        }
    }
}

/// Prepares and executes requests on one schema.
///
/// Two schemas of the same types are held. The strict one validates documents that were not seen before and never executes; the fast
/// one executes and doesn't validate. Every request is coerced in between, so that an answer doesn't tell whether its document was
/// known.
pub struct Engine<Q, M, S> {
    strict: Schema<Root<Q>, M, S>,
    fast: Schema<Root<Q>, M, S>,
    root: Root<Q>,
    types: TypeIndex,
    plans: PlanCache,
    limits: Limits,
    variant: &'static str,
}

/// A request that is ready to execute.
#[derive(Debug)]
pub struct Prepared {
    key: [u8; 32],
    bill: Bill,
    variables: Variables,
    some_vanish: bool,
}

impl Prepared {
    pub fn plan(&self) -> &Plan {
        &self.bill.plan
    }

    /// The points that it costs before it is known how much comes back, at least 1.
    pub fn price(&self) -> u64 {
        self.bill.price()
    }

    /// What tells the points of an answer when it is there.
    pub fn bill(&self) -> Bill {
        self.bill.clone()
    }

    /// Tells the operation from all others: a hash of the document's text, the operation's name and the schema's variant.
    pub fn key(&self) -> [u8; 32] {
        self.key
    }

    /// Query or mutation.
    pub fn kind(&self) -> OperationType {
        self.plan().kind()
    }

    /// The name of the operation to run, if it has one.
    pub fn operation_name(&self) -> Option<&str> {
        self.plan().operation_name()
    }

    /// The coerced variables, defaults included.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }
}

impl<Q, M, S> Engine<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Builds the two schemas from one description. `build` is called twice, with the root of queries, and must describe the same types
    /// each time; it should set neither a validation mode nor extensions (one extension alone makes long lists almost twice as
    /// expensive).
    ///
    /// # Errors
    /// The schema's SDL cannot be read back.
    pub fn new(
        query: Q,
        build: impl Fn(Root<Q>) -> SchemaBuilder<Root<Q>, M, S>,
        settings: Settings,
    ) -> Result<Self, SchemaError> {
        let depth = MAX_NESTING as usize * 2;
        let root = Root::new(query);
        let strict = build(root.clone())
            .validation_mode(ValidationMode::Strict)
            .limit_recursive_depth(depth)
            .extension(OnlyValidate)
            .finish();
        let fast = build(root.clone()).validation_mode(ValidationMode::Fast).limit_recursive_depth(depth).finish();
        // A field that no schema has: its root is asked for it all the same.
        let _ = fast.execute("{ __root }").now_or_never();
        debug_assert!(root.is_handed(), "the library asks the root for a field at once");
        Ok(Self {
            types: TypeIndex::new(&strict.sdl(), &settings.scalar_checks)?,
            strict,
            fast,
            root,
            plans: PlanCache::new(settings.plan_cache_bytes),
            limits: settings.limits,
            variant: settings.variant,
        })
    }

    /// Looks the document up, or reads and validates it, coerces the variables and computes the price. Waits for nothing.
    ///
    /// # Errors
    /// Why nothing may execute; the same whether the document was known or not.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: Variables,
    ) -> Result<Prepared, RequestErrors> {
        self.prepare_in_full(text, operation_name, variables).map_err(|errors| errors.cut(&self.limits))
    }

    fn prepare_in_full(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: Variables,
    ) -> Result<Prepared, RequestErrors> {
        let (key, plan) = self.plan(text, operation_name)?;
        let coerced = self.coerce(&plan, variables)?;
        let bill = self.bill(plan, &coerced.values)?;
        Ok(Prepared { key, bill, variables: coerced.values, some_vanish: coerced.some_vanish })
    }

    /// The first step of [`prepare`](Self::prepare): the plan of a document, looked up or made, and its [key](Prepared::key).
    ///
    /// # Errors
    /// All that is wrong with the document.
    pub fn plan(&self, text: &str, operation_name: Option<&str>) -> Result<([u8; 32], Arc<Plan>), RequestErrors> {
        let key = cache::key(self.variant, text, operation_name);
        if let Some(plan) = self.plans.get(&key) {
            return Ok((key, plan));
        }
        let plan = Plan::compile(text, operation_name, &self.types, &self.limits, &self.strict)?;
        let plan = Arc::new(plan);
        self.plans.keep(key, text, &plan);
        Ok((key, plan))
    }

    /// The second: the variables as the operation declares them.
    ///
    /// # Errors
    /// All values that do not fit.
    pub fn coerce(&self, plan: &Plan, variables: Variables) -> Result<Coerced, RequestErrors> {
        coercion::coerce(&self.types, self.limits.errors as usize, plan.variables(), variables)
    }

    /// The third: the price, for variables that are coerced.
    ///
    /// # Errors
    /// Sizes over their limits, or a price over its.
    pub fn bill(&self, plan: Arc<Plan>, variables: &Variables) -> Result<Bill, RequestErrors> {
        let tree = plan.price_tree();
        let inputs = tree.inputs(&self.types, &self.limits, variables)?;
        let price = tree.price(&inputs).max(plan.least());
        let most = self.limits.cost;
        if price > most {
            let dearest = tree.dearest(&inputs);
            let text = format!("the operation costs {price} points, over the maximum of {most}; dearest: {dearest}");
            return Err(RequestError::new(RequestErrorKind::Cost, text, vec![plan.pos()]).into());
        }
        Ok(Bill { plan, inputs, price })
    }

    /// Executes. `with` adds what the resolvers need to the request, and must leave its document and variables alone.
    pub async fn execute(&self, prepared: Prepared, with: impl FnOnce(Request) -> Request) -> Response {
        let mut document = prepared.plan().document().clone();
        if prepared.some_vanish {
            absent::remove(&mut document, &prepared.variables);
        }
        let mut request = with(Request::new("").variables(prepared.variables));
        if self.root.takes(&prepared.bill.plan) {
            return self.root.run(document, request.variables, request.data).await;
        }
        request.set_parsed_query(document);
        self.fast.execute(request).await
    }

    /// How many plans are kept.
    pub fn kept_plans(&self) -> u64 {
        self.plans.len()
    }
}
