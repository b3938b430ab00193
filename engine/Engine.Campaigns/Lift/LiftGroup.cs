using Engine.Campaigns.Statistics;

namespace Engine.Campaigns.Lift;

/// <summary>The treated users, or the held-out ones.</summary>
public sealed class LiftGroup
{
    /// <summary>Users.</summary>
    public long Users => Revenue.Count;

    /// <summary>Those of them who bought.</summary>
    public long Buyers { get; private set; }

    /// <summary>Buyers by user, 0..1; 0 without users.</summary>
    public double Conversion => Users == 0 ? 0 : (double)Buyers / Users;

    /// <summary>Revenue of each user.</summary>
    public Sample Revenue { get; } = new();

    /// <summary>The purchases that the probabilities promised; NaN when a user has none.</summary>
    public double Promised { get; private set; }

    /// <summary>The purchases that the promise is about: pairs of user and listed product.</summary>
    public long Kept { get; private set; }

    internal void Add(bool bought, double revenue, double promised, int kept)
    {
        Buyers += bought ? 1 : 0;
        Revenue.Add(revenue);
        Promised += promised;
        Kept += kept;
    }
}
