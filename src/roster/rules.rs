//! What must hold of a carrier's list.

crate::fault::rules! {
    UNREADABLE: "ROS001" Theirs Error, "a row of a carrier's list lacks its member, its plan or a date that can be read",
        "have the carrier send it again, or correct the row in a copy: what is listed there was not compared";
    NO_ROWS: "ROS002" Theirs Error, "a carrier's list names nobody",
        "check that it is the right file: an empty list would say that nobody is covered";
    NO_FIRST_DAY: "ROS004" Theirs Error, "a baseline needs the first covered day of every row of a carrier's list",
        "have the carrier list when each cover began: by that day it is ended and changed later";
    NOT_OPENED: "ROS003" Ours Error, "the carrier's list could not be opened",
        "name a file that is there and can be read";
}
