namespace Engine.Campaigns.Holdouts;

/// <summary>
/// Which users of a campaign are held out: those whose hash with the seed falls below the share. The same seed and user
/// give the same answer on every machine, in every run, whoever else is in the audience.
/// </summary>
public sealed class HoldoutDraw
{
    private readonly UserDraw _draw;
    private readonly ulong _bound;

    /// <summary>A draw.</summary>
    /// <param name="seed">
    /// Any text, for example the id of a task. Campaigns with the same seed hold out the same users.
    /// </param>
    /// <param name="share">The share of users to hold out, more than 0 and less than 1.</param>
    /// <exception cref="InputException">The share is not between 0 and 1.</exception>
    public HoldoutDraw(string seed, double share)
    {
        ArgumentNullException.ThrowIfNull(seed);
        CheckShare("holdout_share", share);
        (Seed, Share) = (seed, share);
        _draw = new UserDraw(seed);
        _bound = (ulong)(share * ulong.MaxValue);
    }

    /// <summary>The text that the draw depends on.</summary>
    public string Seed { get; }

    /// <summary>The share of users that is held out, on average.</summary>
    public double Share { get; }

    /// <summary>Whether a user is held out.</summary>
    /// <param name="userId">The user's id, UTF-8.</param>
    public bool IsHeldOut(ReadOnlySpan<byte> userId) => _draw.Of(userId) < _bound;

    /// <exception cref="InputException">The share is not between 0 and 1.</exception>
    public static void CheckShare(string field, double share)
    {
        if (!(share > 0 && share < 1))
        {
            throw new InputException(
                FormattableString.Invariant($"found {field} = {share}; expected more than 0 and less than 1, for ")
                + "example 0.1 to hold out one user in ten. Leave it out to hold out nobody");
        }
    }
}
