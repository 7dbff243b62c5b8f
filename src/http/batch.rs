//! Several operations in one request: where a setting allows them, they are priced and charged together, and run one after another.

use axum::response::Response;

use super::answer::{self, Failure, Reply};
use super::graphql::{Call, consistency, throttled};
use super::operation::Ready;
use super::parameters::Parameters;
use super::window::Cost;
use crate::db::Routing;
use crate::error::code;
use crate::limit::REQUEST_ERROR;

impl Call {
    /// An array of answers, each with what it cost.
    pub async fn serve_batch(&mut self, batch: Vec<Parameters>, routing: &Routing) -> Response {
        let mut readies = Vec::with_capacity(batch.len());
        for parameters in batch {
            readies.push(self.prepare(parameters).await);
        }
        let price_of = |ready: &Result<Ready, Reply>| ready.as_ref().map_or(REQUEST_ERROR, |ready| ready.price);
        let price = readies.iter().map(price_of).fold(0, u64::saturating_add).max(self.least());
        let most = self.app.config.limits.max_cost;
        if price > most {
            let text = format!("the batch costs {price} points, over the maximum of {most}");
            let failure = Failure::new(self.media_type.refused(), code::MAX_COST_EXCEEDED, text);
            return self.refuse_at(REQUEST_ERROR * readies.len() as u64, failure.reply(&self.id)).await;
        }
        let mutations = readies.iter().flatten().map(Ready::mutations).sum();
        let receipt = match self.app.limiter.charge(&self.caller.who, price, mutations).await {
            Ok(receipt) => receipt,
            Err(refusal) => return throttled(&refusal, self.media_type, &self.id),
        };
        let are_mutations: Vec<bool> =
            readies.iter().map(|ready| matches!(ready, Ok(ready) if ready.is_mutation)).collect();
        let mut replies = Vec::with_capacity(readies.len());
        let mut unused = 0;
        for ready in readies {
            let (mut reply, requested, actual) = match ready {
                Ok(ready) => {
                    let price = ready.price;
                    let answered = self.answer(ready, routing, &receipt, false).await;
                    (answered.reply, price, answered.actual)
                }
                Err(refused) => (refused, REQUEST_ERROR, None),
            };
            unused += actual.map_or(0, |actual| requested - actual.min(requested));
            reply.extensions.cost = Some(Cost::new(requested, actual, &receipt));
            replies.push(reply);
        }
        self.app.limiter.refund(&receipt, unused.min(price - self.least()));
        let issued = self.issue(routing);
        for (reply, is_mutation) in replies.iter_mut().zip(are_mutations) {
            let issued = issued.as_ref().filter(|_| is_mutation);
            reply.extensions.consistency = consistency(issued, routing, false);
        }
        let mut response = answer::batch(&replies, self.media_type);
        self.finish(&mut response, issued, &receipt);
        response
    }
}
