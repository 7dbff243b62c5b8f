//! The root field that writes stock.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::object::Stock;
use super::write::{self, StockCount};
use crate::error::Result;
use crate::graphql::{BigInt, ContextExt, Kind, Weight, read_back, user_error};

user_error!(
    "stock",
    StockUserError,
    StockUserErrorCode {
        /// The quantity is outside the range that is taken.
        Invalid,
        /// There is no such sku.
        NotFound,
        /// The stock was changed since the version that was given, or its sku moved to another product at this very moment: read it
        /// again.
        Conflict,
    }
);

#[derive(Default)]
pub struct StockMutation;

/// How many pieces of a sku there are from now on.
#[derive(InputObject)]
pub struct StockSetInput {
    /// The sku.
    sku_id: ID,
    /// The number of pieces, from 0 to 1,000,000,000.
    quantity: i32,
    /// The version of the stock that was seen, `"0"` for one that was never counted. When it has another one by now, nothing is
    /// written: `CONFLICT`.
    version: Option<BigInt>,
}

/// What came of setting a stock.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct StockSetPayload {
    /// The stock as it is now; null when it was refused.
    stock: Option<Stock>,
    /// Why it was refused; empty when it was set.
    user_errors: Vec<StockUserError>,
}

#[Object]
impl StockMutation {
    /// Sets how many pieces of a sku there are. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn stock_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sku and its quantity.")] input: StockSetInput,
    ) -> Option<Result<StockSetPayload>> {
        Some(set(ctx, input).await)
    }
}

async fn set(ctx: &Context<'_>, input: StockSetInput) -> Result<StockSetPayload> {
    let request = ctx.request();
    request.require_staff()?;
    let count = StockCount {
        sku_id: request.shared.ids.expect(Kind::Sku, &input.sku_id)?,
        quantity: input.quantity,
        version: input.version.map(|version| version.0),
    };
    let outcome = request.write(|| write::set(&request.routing, count.clone())).await?;
    Ok(match outcome {
        Ok(sku) => StockSetPayload { stock: read_back(Stock::fetch_by_sku(request, sku)).await?, ..Default::default() },
        Err(refusals) => {
            StockSetPayload { user_errors: refusals.into_iter().map(Into::into).collect(), ..Default::default() }
        }
    })
}
