namespace Engine.Datasets.Behaviors;

/// <summary>
/// Why a row, or a part of it, is not used. Each row has one reason: the first that applies, in this order.
/// </summary>
public enum RejectReason
{
    /// <summary>A quoted cell is not closed, or text follows its closing quote.</summary>
    BrokenQuotes,

    /// <summary>The row has fewer or more cells than the header.</summary>
    WrongCellCount,

    /// <summary>The type is empty or not in the mapping.</summary>
    UnknownType,

    /// <summary>The time is empty.</summary>
    MissingTime,

    /// <summary>The time does not have the dataset's time format.</summary>
    BadTime,

    /// <summary>The time lies outside 1970-01-01 .. 2149-06-06.</summary>
    TimeOutOfRange,

    /// <summary>The time is later than the mapping's latest time.</summary>
    TimeTooLate,

    /// <summary>The user id is empty.</summary>
    MissingUser,

    /// <summary>The product id is empty.</summary>
    MissingProduct,

    /// <summary>
    /// The id or the type holds bytes that are not text in the table's encoding. Note: a name or a tag does; it is left
    /// empty.
    /// </summary>
    BadEncoding,

    /// <summary>The product is not in the product table.</summary>
    UnknownProduct,

    /// <summary>The count is not a whole number.</summary>
    BadCount,

    /// <summary>
    /// The count is zero or less (rule 9), and the mapping does not say that negative counts are refunds.
    /// </summary>
    CountNotPositive,

    /// <summary>The product id has been seen before in the product table; the first row is kept.</summary>
    DuplicateProduct,

    /// <summary>The row repeats an earlier one exactly, and the mapping says that such rows are dropped.</summary>
    Duplicate,

    /// <summary>Note: the product has no name; its id stands in.</summary>
    MissingName,

    /// <summary>Note: a number or date tag cannot be read; the tag is left empty.</summary>
    BadTagValue,

    /// <summary>Note: the count is larger than can be kept and is cut to it.</summary>
    CountCut,
}
