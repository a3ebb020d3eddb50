"""The situational picture [lägesbild], the action plan [åtgärdsplan] and their follow-up (lag 2023:196): no persons."""
