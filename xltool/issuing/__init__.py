"""From a roster to forms: what is issued to whom, found out before anything is written, then stamped and sealed."""
