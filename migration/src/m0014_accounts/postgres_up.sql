ALTER TABLE users
    ADD COLUMN password_hash text,
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN is_pending boolean NOT NULL DEFAULT false,
    ADD COLUMN role text NOT NULL DEFAULT 'SHOPPER',
    ADD CONSTRAINT users_role_check CHECK (role IN ('SHOPPER', 'STAFF'));

CREATE INDEX users_pending_created_at_idx ON users (created_at) WHERE is_pending;
