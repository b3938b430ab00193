using Engine.Datasets.Behaviors;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Rows;

/// <summary>What reading a dataset found: for the training report and the console.</summary>
public sealed record ReadReport
{
    /// <summary>The product table's counts.</summary>
    public required TableReport Products { get; init; }

    /// <summary>The behavior table's counts.</summary>
    public required TableReport Behaviors { get; init; }

    /// <summary>Accepted behaviors by kind, refunds and ignored ones included, each kind present.</summary>
    public required IReadOnlyDictionary<BehaviorKind, long> Kinds { get; init; }

    /// <summary>What became of the refunds.</summary>
    public required RefundReport Refunds { get; init; }

    /// <summary>
    /// Accepted behaviors that repeat an earlier row exactly; exact up to a quarter of a million rows, an estimate
    /// beyond.
    /// </summary>
    public required long RepeatedRows { get; init; }

    /// <summary>Whether <see cref="RepeatedRows"/> is an estimate.</summary>
    public required bool RepeatedIsEstimate { get; init; }

    /// <summary>What a person should know although training goes on (rule 4 and the like), whole sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>One table's counts. RowsRead = Accepted + the sum of the rejections.</summary>
/// <param name="RowsRead">Rows in the files, headers and blank lines left out.</param>
/// <param name="Accepted">Rows that passed.</param>
/// <param name="Rejections">
/// Rows that did not, by reason, in the order of <see cref="RejectReason"/>; empty reasons left out.
/// </param>
/// <param name="Notes">Accepted rows of which a part was given up, by reason.</param>
public sealed record TableReport(
    long RowsRead, long Accepted, IReadOnlyList<Rejection> Rejections, IReadOnlyList<Rejection> Notes);

/// <summary>The rows of one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first ten.</param>
public sealed record Rejection(RejectReason Reason, long Count, IReadOnlyList<RejectedRow> First);

/// <summary>Where a rejected row stands and what it says.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Line">The line (CSV, 1-based, the header is line 1) or the row number (Parquet, 1-based).</param>
/// <param name="Text">The row's text, cut to 200 characters.</param>
public sealed record RejectedRow(string File, long Line, string Text)
{
    /// <summary>The cell that is to blame; null when it is the whole row.</summary>
    public string? Value { get; init; }
}
