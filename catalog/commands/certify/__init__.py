"""Certificates as the department decides them: granted, corrected, voided, revoked."""
