"""Why a product is not on sale, or an account of no use, and what to do about it."""
