"""Parts of SIPp scenarios, one step each; `tests.phones.sipp_phone` puts them together."""
