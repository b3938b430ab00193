namespace Engine.Campaigns.Allocation;

/// <summary>Which candidates are taken, and what is used up by them.</summary>
internal sealed class Assignment(AllocationProblem problem)
{
    /// <summary>For each candidate, whether it is taken.</summary>
    public bool[] Taken { get; } = new bool[problem.Items.Length];

    /// <summary>For each user, contacts.</summary>
    public int[] Used { get; } = new int[problem.Users];

    /// <summary>For each product, contacts.</summary>
    public long[] Load { get; } = new long[problem.Products];

    /// <summary>Contacts in all.</summary>
    public long Total { get; private set; }

    /// <summary>The problem.</summary>
    public AllocationProblem Problem => problem;

    /// <summary>The value of all that is taken.</summary>
    public double Value
    {
        get
        {
            var sum = 0.0;
            for (var i = 0; i < Taken.Length; i++)
            {
                sum += Taken[i] ? problem.Values[i] : 0;
            }

            return sum;
        }
    }

    /// <summary>Takes a candidate.</summary>
    public void Take(int candidate) => Change(candidate, true, 1);

    /// <summary>Gives a candidate back.</summary>
    public void Drop(int candidate) => Change(candidate, false, -1);

    /// <summary>Whether a product has a unit left.</summary>
    public bool HasStock(int product) => Load[product] < problem.Stock[product];

    /// <summary>Whether a user may get one more contact.</summary>
    public bool HasRoom(int user) => Used[user] < problem.ContactsPerUser && Total < problem.Contacts;

    /// <summary>Whether a unit of a product may be given back without falling below its minimum.</summary>
    public bool MayDrop(int product) => Load[product] > problem.Minimum[product];

    private void Change(int candidate, bool taken, int by)
    {
        Taken[candidate] = taken;
        Used[candidate / problem.Width] += by;
        Load[problem.Items[candidate]] += by;
        Total += by;
    }
}
