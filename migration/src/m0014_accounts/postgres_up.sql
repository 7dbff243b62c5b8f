ALTER TABLE users
    ADD COLUMN password_hash text,
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN role text NOT NULL DEFAULT 'SHOPPER',
    ADD CONSTRAINT users_role_check CHECK (role IN ('SHOPPER', 'STAFF'));
