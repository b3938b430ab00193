namespace Engine.Datasets.Behaviors;

/// <summary>One row of purchases.</summary>
/// <param name="User">The place among the users that were asked for.</param>
/// <param name="Product">The place in <see cref="PurchaseReport.ProductIds"/>.</param>
/// <param name="Count">Units that refunds left, 1 or more.</param>
/// <param name="Amount">Money for these units; 0 without a readable amount.</param>
/// <param name="Day">As <see cref="DayNumber"/> counts.</param>
public readonly record struct Purchase(int User, int Product, long Count, double Amount, int Day);

/// <summary>The purchases of some users in some days.</summary>
/// <param name="Purchases">In the order of the rows.</param>
/// <param name="ProductIds">The products of the table that users did something with.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Rejected">Rows that could not be read.</param>
/// <param name="LastDay">The last day of any row; null without rows.</param>
/// <param name="HasAmounts">Whether the mapping names a column of amounts.</param>
public sealed record PurchaseReport(
    IReadOnlyList<Purchase> Purchases,
    IReadOnlyList<string> ProductIds,
    long Rows,
    long Rejected,
    DateOnly? LastDay,
    bool HasAmounts)
{
    private const double Allowed = 0.05;

    /// <summary>Purchase rows of the users and days, before refunds.</summary>
    public long Found { get; init; }

    /// <summary>Of these, rows whose amount is empty.</summary>
    public long WithoutAmount { get; init; }

    /// <summary>Of these, rows whose amount is no number.</summary>
    public long BadAmounts { get; init; }

    /// <summary>The first amount that is no number, with its place.</summary>
    public string? FirstBadAmount { get; init; }

    /// <summary>Refuses a table of which more than a twentieth cannot be read.</summary>
    /// <exception cref="InputException">It is such a table.</exception>
    public void RefuseUnread(string dataset)
    {
        if (Rejected > Rows * Allowed)
        {
            throw new InputException(
                FormattableString.Invariant($"{Rejected:N0} of {Rows:N0} rows of the behavior table cannot be read; ")
                + $"expected at most 5 %. Correct the mapping {dataset}");
        }

        if (BadAmounts > Found * Allowed)
        {
            throw new InputException(FormattableString.Invariant(
                $"{BadAmounts:N0} of {Found:N0} purchases have an amount that is no number, for example ")
                + $"{FirstBadAmount}; expected at most 5 %. Correct the amounts, or behavior.amount and "
                + $"behavior.decimal_comma in the mapping {dataset}");
        }
    }

    /// <summary>What was left out, for a person.</summary>
    public IEnumerable<string> Notes()
    {
        if (Rejected > 0)
        {
            yield return FormattableString.Invariant(
                $"{Rejected:N0} of {Rows:N0} rows of the behavior table could not be read");
        }

        if (WithoutAmount + BadAmounts > 0)
        {
            yield return FormattableString.Invariant(
                $"{WithoutAmount + BadAmounts:N0} of {Found:N0} purchases have no amount and count as 0")
                + (FirstBadAmount is null ? "" : $"; the first that is no number is {FirstBadAmount}");
        }

        if (Found == 0)
        {
            yield return "no purchase of these users and days was found: see that ids of users and behavior types in "
                + "the dataset are those of the training";
        }
    }
}
