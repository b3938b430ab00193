using Engine.Kernels;

namespace Engine.Campaigns.Allocation;

/// <summary>
/// Who may get which product, what each such contact is worth, and what is scarce. Every user has room for the same
/// number of candidates, so memory is 8 bytes x users x <see cref="Width"/>.
/// </summary>
public sealed record AllocationProblem
{
    /// <summary>The item of an unused place among the candidates.</summary>
    public const int None = -1;

    /// <summary>Users.</summary>
    public required int Users { get; init; }

    /// <summary>Candidates of a user at most.</summary>
    public required int Width { get; init; }

    /// <summary>
    /// The product of each candidate, user by user, <see cref="None"/> for unused places; no product twice for a user.
    /// </summary>
    public required int[] Items { get; init; }

    /// <summary>What each contact is worth, in the order of <see cref="Items"/>; finite.</summary>
    public required float[] Values { get; init; }

    /// <summary>For each product, contacts at most.</summary>
    public required long[] Stock { get; init; }

    /// <summary>For each product, contacts at least.</summary>
    public required long[] Minimum { get; init; }

    /// <summary>Contacts of one user at most, 1 or more.</summary>
    public required int ContactsPerUser { get; init; }

    /// <summary>Contacts in all at most.</summary>
    public required long Contacts { get; init; }

    /// <summary>Products.</summary>
    public int Products => Stock.Length;

    /// <summary>The largest value; the scale of prices.</summary>
    internal double Scale => Math.Max(1e-30, Values.Length == 0 ? 0 : Values.Max(Math.Abs));

    /// <exception cref="InputException">The limits contradict each other.</exception>
    public void Check()
    {
        for (var product = 0; product < Products; product++)
        {
            if (Stock[product] < 0 || Minimum[product] < 0 || Minimum[product] > Stock[product])
            {
                throw new InputException(
                    InvariantText.Of(
                        $"found a stock of {Stock[product]} and a minimum of {Minimum[product]} for product number "
                        + $"{product + 1}; expected a stock of 0 or more and a minimum from 0 to the stock"));
            }
        }

        if (ContactsPerUser < 1 || Contacts < 0)
        {
            throw new InputException(
                InvariantText.Of(
                    $"found {ContactsPerUser} contacts per user and {Contacts} in all; "
                    + $"expected 1 or more per user, and 0 or more in all"));
        }

        var (least, most) = (Minimum.Sum(), Math.Min(Contacts, (long)Users * ContactsPerUser));
        if (least > most)
        {
            throw new InputException(
                InvariantText.Of(
                    $"the minimums add up to {least:N0} contacts; expected at most {most:N0}, the contacts that "
                    + $"{Users:N0} "
                    + $"users and the limits allow. Lower the minimums"));
        }
    }
}
