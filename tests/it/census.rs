//! What employers' files can be, and what is made of them.
