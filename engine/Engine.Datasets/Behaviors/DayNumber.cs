namespace Engine.Datasets.Behaviors;

/// <summary>Days as behaviors count them: since 1970-01-01, in 16 bits.</summary>
public static class DayNumber
{
    private static readonly DateOnly Base = new(1970, 1, 1);

    /// <summary>A date as a day number, or -1 when it lies outside 1970-01-01 .. 2149-06-06.</summary>
    public static int Of(DateOnly date) =>
        date.DayNumber - Base.DayNumber is var day and >= 0 and <= ushort.MaxValue ? day : -1;

    /// <summary>The date of a day number.</summary>
    public static DateOnly DateOf(int day) => Base.AddDays(day);
}
