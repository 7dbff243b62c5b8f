//! Many rows at once, for claims about large pages. Straight into the tables: the triggers do their part as ever.

use sea_orm::ConnectionTrait;

use super::database::Kind;
use super::shop::Shop;

impl Shop {
    /// `stores` stores with `products` active products each, in the root of three categories; every product has a sku with stock.
    pub async fn fill(&self, stores: u32, products: u32) {
        let id = self.new_id();
        let time = "'2026-01-01T00:00:00+00:00'";
        let statements = [
            format!(
                "INSERT INTO categories (id, slug, name, created_at, updated_at) VALUES ({id}, 'all', 'All', {time}, {time})"
            ),
            self.subcategory("some", "all"),
            self.subcategory("few", "some"),
            format!(
                "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
                 SELECT {id}, 'store-' || s.n, 'Store', 'EUR', {time}, {time} FROM {}",
                self.numbers("s", stores)
            ),
            format!(
                "INSERT INTO products (id, store_id, category_id, slug, name, status, currency_code, created_at, updated_at) \
                 SELECT {id}, st.id, c.id, st.slug || '-' || p.n, 'Product', 'ACTIVE', 'EUR', {time}, {time} \
                 FROM stores st, {} JOIN categories c ON c.slug = 'all'",
                self.numbers("p", products)
            ),
            format!(
                "INSERT INTO skus (id, product_id, option_values, price, created_at, updated_at) \
                 SELECT {id}, p.id, '[]', 1000, {time}, {time} FROM products p"
            ),
            format!(
                "INSERT INTO stock (sku_id, product_id, quantity, updated_at) SELECT s.id, s.product_id, 5, {time} FROM skus s"
            ),
        ];
        self.run(&statements).await;
    }

    /// `count` active products without skus, of one store.
    pub async fn products_alone(&self, count: u32) {
        let (id, time) = (self.new_id(), "'2026-01-01T00:00:00+00:00'");
        let statements = [
            format!(
                "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
                 VALUES ({id}, 'store', 'Store', 'EUR', {time}, {time})"
            ),
            format!(
                "INSERT INTO products (id, store_id, slug, name, status, currency_code, created_at, updated_at) \
                 SELECT {id}, st.id, 'p' || p.n, 'Product', 'ACTIVE', 'EUR', {time}, {time} FROM stores st, {}",
                self.numbers("p", count)
            ),
        ];
        self.run(&statements).await;
    }

    /// `roots` more trees of categories behind those of [`fill`](Self::fill): a root, one category below it, and one below that.
    pub async fn trees(&self, roots: u32) {
        let (id, time) = (self.new_id(), "'2026-01-01T00:00:00+00:00'");
        let columns = "INSERT INTO categories (id, parent_id, position, slug, name, created_at, updated_at)";
        let below = |parent: &str, slug: &str| {
            format!(
                "{columns} SELECT {id}, c.id, 1, '{slug}' || substr(c.slug, 6), 'Below', {time}, {time} \
                 FROM categories c WHERE c.slug LIKE '{parent}%'"
            )
        };
        let roots = self.numbers("r", roots);
        let statements = [
            format!("{columns} SELECT {id}, NULL, 1, 'root-' || r.n, 'Root', {time}, {time} FROM {roots}"),
            below("root-", "stem-"),
            below("stem-", "leaf-"),
        ];
        self.run(&statements).await;
    }

    /// `users` users with `orders` orders each; every order has one item, of a sku where there are any.
    pub async fn orders(&self, users: u32, orders: u32) {
        let time = "'2026-01-01T00:00:00+00:00'";
        let statements = [
            format!(
                "INSERT INTO users (id, email, name, created_at, updated_at) \
                 SELECT {}, 'user-' || u.n || '@example.com', 'User', {time}, {time} FROM {}",
                self.new_id(),
                self.numbers("u", users)
            ),
            format!(
                "INSERT INTO orders (user_id, id, status, currency_code, total, placed_at, created_at, updated_at) \
                 SELECT us.id, {}, 'PAID', 'EUR', 2000, {time}, {time}, {time} FROM users us, {}",
                self.new_id(),
                self.numbers("o", orders)
            ),
            format!(
                "INSERT INTO order_items (user_id, order_id, id, sku_id, product_name, sku_label, quantity, unit_price, position) \
                 SELECT o.user_id, o.id, {}, (SELECT s.id FROM skus s LIMIT 1), 'Product', '', 2, 1000, 0 FROM orders o",
                self.new_id()
            ),
        ];
        self.run(&statements).await;
    }

    fn subcategory(&self, slug: &str, parent: &str) -> String {
        format!(
            "INSERT INTO categories (id, parent_id, slug, name, created_at, updated_at) \
             SELECT {}, id, '{slug}', 'Below', created_at, updated_at FROM categories WHERE slug = '{parent}'",
            self.new_id()
        )
    }

    fn new_id(&self) -> &'static str {
        match self.kind {
            Kind::Postgres => "gen_random_uuid()",
            Kind::Sqlite => "randomblob(16)",
        }
    }

    /// The numbers from 1 to `count` as the column `n` of a table.
    fn numbers(&self, table: &str, count: u32) -> String {
        match self.kind {
            Kind::Postgres => format!("generate_series(1, {count}) {table} (n)"),
            Kind::Sqlite => format!(
                "(WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) SELECT n FROM n) {table}"
            ),
        }
    }

    async fn run(&self, statements: &[String]) {
        let database = self.database_pool().await;
        for statement in statements {
            database.execute_unprepared(statement).await.unwrap();
        }
        database.close().await.unwrap();
    }
}
