"""The demo's judgement: ears and expectations."""
