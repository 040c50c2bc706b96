"""Why a product is not on sale, or an account does not work, with the advice."""
