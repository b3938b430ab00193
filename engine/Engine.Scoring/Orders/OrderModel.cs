using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Orders;

/// <summary>
/// When a user orders again and what is due: the formulas of section NextOrder in FORMAT.md. Every number depends on
/// the user's own purchases and the terms alone, and grows with the days ahead.
/// </summary>
/// <param name="terms">Sound terms.</param>
public sealed class OrderModel(NextOrderTerms terms)
{
    // Below it the log would fall without end, and no probability differs.
    private const double LeastHazard = 1e-9;

    private readonly PhaseHazard _orders = new(terms.Phases, terms.Counts, terms.Orders.Hazards);
    private readonly PhaseHazard _products = new(terms.Phases, terms.Counts, terms.Products.Hazards);

    /// <summary>The usual days between two orders of a user.</summary>
    public double Interval(PurchaseDays user) =>
        PhaseHazard.Interval(user.Count, user.Span, terms.Orders.MeanInterval);

    /// <summary>The usual days between two purchases of a product by a user.</summary>
    /// <param name="purchases">Of the product, by the user.</param>
    /// <param name="productInterval">The usual days of the product.</param>
    public static double Interval(in ProductPurchases purchases, double productInterval) =>
        PhaseHazard.Interval(purchases.Days, purchases.FirstAge - purchases.Age, productInterval);

    /// <summary>
    /// Writes the features of a user's score: the log of the hazard within <see cref="NextOrderTerms.WindowDays"/>
    /// days, log(1 + order days), log(1 + products), and for each half-life log(1 + decayed order days).
    /// </summary>
    public void Features(PurchaseDays user, Span<double> features)
    {
        features[0] = Math.Log(Hazard(user, NextOrderTerms.WindowDays));
        features[1] = double.LogP1(user.Count);
        features[2] = double.LogP1(user.Products.Count);
        for (var h = 0; h < terms.HalfLives.Length; h++)
        {
            var sum = 0.0;
            for (var i = 0; i < user.Count; i++)
            {
                sum += double.Exp2(-user.Ages[i] / terms.HalfLives[h]);
            }

            features[3 + h] = double.LogP1(sum);
        }
    }

    /// <summary>The score of a user.</summary>
    public double Score(PurchaseDays user)
    {
        Span<double> features = stackalloc double[terms.Orders.Weights.Length];
        Features(user, features);
        return Score(terms.Orders, features);
    }

    /// <summary>
    /// How many times as many orders of a user fall into the next days as into
    /// <see cref="NextOrderTerms.WindowDays"/> days without a season.
    /// </summary>
    public double Growth(PurchaseDays user, int days) => Growth(terms.Orders.Seasons, days, to => Hazard(user, to));

    /// <summary>The same of a product and a user.</summary>
    /// <param name="purchases">Of the product, by the user.</param>
    /// <param name="interval">The usual days of the product.</param>
    /// <param name="factor">How much more often than others purchasers come back to it.</param>
    /// <param name="days">Days ahead.</param>
    public double Growth(ProductPurchases purchases, double interval, double factor, int days) =>
        Growth(terms.Products.Seasons, days, to => Hazard(purchases, interval, factor, to));

    /// <summary>The expected purchases of a product by a user in the next days, before the score.</summary>
    /// <param name="purchases">Of the product, by the user.</param>
    /// <param name="interval">The usual days of the product.</param>
    /// <param name="factor">How much more often than others purchasers come back to it.</param>
    /// <param name="days">Days ahead.</param>
    public double Hazard(in ProductPurchases purchases, double interval, double factor, int days)
    {
        var own = Interval(purchases, interval);
        var (from, to) = (purchases.Age / own, (purchases.Age + days) / own);
        return Math.Max(factor * _products.Between(purchases.Days, from, to), LeastHazard);
    }

    /// <summary>The score of a user and a product purchased before.</summary>
    /// <param name="hazard">Of the pair, within <see cref="NextOrderTerms.WindowDays"/> days.</param>
    /// <param name="userScore">Of the user.</param>
    public double Score(double hazard, double userScore) => Score(terms.Products, [Math.Log(hazard), userScore]);

    /// <summary>The probability that a user with this score orders.</summary>
    public double OrderProbability(double score, double growth) => Probability(terms.Orders, score, growth);

    /// <summary>The probability that a pair with this score has a purchase.</summary>
    public double ProductProbability(double score, double growth) => Probability(terms.Products, score, growth);

    /// <summary>The order days that are expected of a user with this score.</summary>
    public double ExpectedOrders(PurchaseDays user, double score, int days) =>
        Growth(terms.ExpectedSeasons, days, to => Hazard(user, to))
        * CalibrationTerms.Between(terms.ExpectedScores, terms.ExpectedOrders, (float)score);

    /// <summary>
    /// The likely day of the next order, 1 for the day after date(L): half of such users who order within
    /// <paramref name="most"/> days have done so by then.
    /// </summary>
    public int LikelyDay(PurchaseDays user, int most)
    {
        var score = Score(user);
        var half = OrderProbability(score, Growth(user, most)) / 2;
        var (low, high) = (1, most);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (OrderProbability(score, Growth(user, middle)) >= half)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    // Each stretch of days by its season; a positive one, so that the sum grows with the days.
    private static double Growth(double[]? seasons, int days, Func<int, double> hazard)
    {
        var window = hazard(NextOrderTerms.WindowDays);
        if (seasons is null)
        {
            return hazard(days) / window;
        }

        var (sum, before) = (0.0, 0.0);
        for (var n = 0; n < seasons.Length && n * NextOrderTerms.WindowDays < days; n++)
        {
            var until = hazard(Math.Min(days, (n + 1) * NextOrderTerms.WindowDays));
            (sum, before) = (sum + (seasons[n] * (until - before)), until);
        }

        return sum / window;
    }

    private static double Score(RenewalTerms process, ReadOnlySpan<double> features)
    {
        var score = process.Constant;
        for (var i = 0; i < features.Length; i++)
        {
            score += process.Weights[i] * features[i];
        }

        return score;
    }

    // The score is calibrated on the window; the hazards say how the rate goes on.
    private static double Probability(RenewalTerms process, double score, double growth)
    {
        var p = process.Probability.Probability((float)score)!.Value;
        return -double.ExpM1(growth * double.LogP1(-Math.Min(p, 1 - 1e-12)));
    }

    private double Hazard(PurchaseDays user, int days)
    {
        var interval = Interval(user);
        var (from, to) = (user.Age / interval, (user.Age + days) / interval);
        return Math.Max(_orders.Between(user.Count, from, to), LeastHazard);
    }
}
